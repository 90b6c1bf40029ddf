// The reconciler as a function app, and the rights it needs. One file per concern under app/.
// Deployed by `azd provision`; the event subscription follows after the code (app/events.bicep, by infra/hooks).
targetScope = 'subscription'

@minLength(1)
@maxLength(40)
@description('Name of the azd environment; part of the names of what is made.')
param environmentName string

@minLength(1)
@description('Region of the function app, its storage and its logs.')
@metadata({
  azd: {
    type: 'location'
  }
})
param location string

@minLength(1)
@description('Resource id of the API Management service to keep in step.')
param gatewayId string

@description('Object id of the identity the gateway calls the models with. When given, the reconciler can grant the model role to nobody else.')
param gatewayPrincipalId string = ''

@description('Let the reconciler switch on the system-assigned identity of the gateway. Adds the right to write the service itself.')
param enableIdentity bool = false

@description('Let the reconciler grant and withdraw the model role (Cognitive Services OpenAI User) itself.')
param manageRoleAssignments bool = true

@description('Ids of the subscriptions whose accounts are read, separated by commas. Empty: this subscription.')
param accountSubscriptionIds string = ''

@description('Resource ids of the resource groups in which the model role may be granted, separated by commas. Empty: anywhere in the subscriptions above.')
param grantResourceGroupIds string = ''

@description('Configuration file of the reconciler: a path in the deployed package, or the https URL of a blob.')
param reconcilerConfig string = 'reconciler.yaml'

@description('When everything is looked at again, in UTC: second minute hour day month day-of-week.')
param resyncSchedule string = '0 */15 * * * *'

@minValue(1)
@maxValue(1440)
@description('Minutes without a success after which nobody should believe what a status says: three times the pace of the schedule.')
param staleAfterMinutes int = 45

@allowed([
  '3.11'
  '3.12'
  '3.13'
])
@description('Python version of the function app.')
param pythonVersion string = '3.12'

@minValue(1)
@maxValue(1000)
@description('Upper limit of instances per function. Some regions refuse less than 40.')
param maximumInstanceCount int = 40

@allowed([
  'queue'
  'function'
])
@description('How events arrive: Event Grid puts them into a queue of the app, or calls its function.')
param eventDelivery string = 'queue'

@description('Name of the Event Grid system topic this subscription already has. Empty: make one. There can be only one.')
param existingTopicName string = ''

@description('Resource group of that topic.')
param existingTopicResourceGroup string = ''

@description('Endpoint of a custom Event Grid topic that is told of runs, as https://…/api/events. Empty: nobody is.')
param eventTopicEndpoint string = ''

@description('Resource id of that topic, to let the reconciler send there. Empty: it has that right already.')
param eventTopicId string = ''

@description('Resource id of the action group that hears of alerts. Empty: no alerts.')
param alertActionGroupId string = ''

var resourceToken = toLower(uniqueString(subscription().id, environmentName, location))
var tags = {
  'azd-env-name': environmentName
}
var topicName = empty(existingTopicName) ? 'evgt-${resourceToken}' : existingTopicName
var accountSubscriptions = split(empty(accountSubscriptionIds) ? subscription().subscriptionId : accountSubscriptionIds, ',')
var grantGroups = manageRoleAssignments && !empty(grantResourceGroupIds) ? split(grantResourceGroupIds, ',') : []
var announceTo = empty(eventTopicId) ? [] : [eventTopicId]
var clouds = {
  AzureCloud: 'public'
  AzureUSGovernment: 'usgov'
  AzureChinaCloud: 'china'
}
var cloud = clouds[environment().name]

// Cognitive Services OpenAI User: the only role the reconciler may hand out, to service principals only.
// Two blocks, since the attributes come from the request on write and from the resource on delete.
var modelRoleId = '5e0bd9bd-7b93-4f28-af87-19fc36ad61bd'
var attributes = 'Microsoft.Authorization/roleAssignments'
var gatewayOnWrite = empty(gatewayPrincipalId) ? '' : ' AND @Request[${attributes}:PrincipalId] ForAnyOfAnyValues:GuidEquals {${gatewayPrincipalId}}'
var gatewayOnDelete = empty(gatewayPrincipalId) ? '' : ' AND @Resource[${attributes}:PrincipalId] ForAnyOfAnyValues:GuidEquals {${gatewayPrincipalId}}'
var writeBlock = '((!(ActionMatches{\'${attributes}/write\'})) OR (@Request[${attributes}:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${modelRoleId}} AND @Request[${attributes}:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {\'ServicePrincipal\'}${gatewayOnWrite}))'
var deleteBlock = '((!(ActionMatches{\'${attributes}/delete\'})) OR (@Resource[${attributes}:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${modelRoleId}} AND @Resource[${attributes}:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {\'ServicePrincipal\'}${gatewayOnDelete}))'
var grantCondition = '${writeBlock} AND ${deleteBlock}'

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'app/identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    name: 'id-${resourceToken}'
    location: location
    tags: tags
  }
}

module storage 'app/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    name: 'st${resourceToken}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
  }
}

module monitoring 'app/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    workspaceName: 'log-${resourceToken}'
    insightsName: 'appi-${resourceToken}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
  }
}

module functionApp 'app/function.bicep' = {
  name: 'function'
  scope: group
  params: {
    name: 'func-${resourceToken}'
    planName: 'plan-${resourceToken}'
    location: location
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageAccountName: storage.outputs.name
    deploymentContainer: storage.outputs.deploymentContainer
    stateContainer: storage.outputs.stateContainer
    insightsName: monitoring.outputs.insightsName
    pythonVersion: pythonVersion
    maximumInstanceCount: maximumInstanceCount
    cloud: cloud
    reconcilerConfig: reconcilerConfig
    resyncSchedule: resyncSchedule
    staleAfterMinutes: staleAfterMinutes
    eventTopicEndpoint: eventTopicEndpoint
  }
}

module alerts 'app/alerts.bicep' = if (!empty(alertActionGroupId)) {
  name: 'alerts'
  scope: group
  params: {
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    actionGroupId: alertActionGroupId
    staleAfterMinutes: staleAfterMinutes
  }
}

module topic 'app/topic.bicep' = if (empty(existingTopicName)) {
  name: 'topic'
  scope: group
  params: {
    name: topicName
    tags: tags
  }
}

module announceRights 'app/announce-rights.bicep' = [for topicId in announceTo: {
  name: 'announce-rights-${resourceToken}'
  scope: resourceGroup(split(topicId, '/')[2], split(topicId, '/')[4])
  params: {
    topicName: last(split(topicId, '/'))
    principalId: identity.outputs.principalId
  }
}]

module gatewayRights 'app/gateway-rights.bicep' = {
  name: 'gateway-rights-${resourceToken}'
  scope: resourceGroup(split(gatewayId, '/')[2], split(gatewayId, '/')[4])
  params: {
    gatewayName: last(split(gatewayId, '/'))
    roleSuffix: resourceToken
    principalId: identity.outputs.principalId
    enableIdentity: enableIdentity
  }
}

module accountRights 'app/account-rights.bicep' = [for subscriptionId in accountSubscriptions: {
  name: 'account-rights-${resourceToken}'
  scope: subscription(subscriptionId)
  params: {
    roleSuffix: resourceToken
    principalId: identity.outputs.principalId
    mayGrant: manageRoleAssignments && empty(grantResourceGroupIds)
    grantCondition: grantCondition
  }
}]

module grantRights 'app/grant-rights.bicep' = [for groupId in grantGroups: {
  name: 'grant-rights-${resourceToken}'
  scope: resourceGroup(split(groupId, '/')[2], split(groupId, '/')[4])
  params: {
    principalId: identity.outputs.principalId
    grantCondition: grantCondition
  }
}]

output FUNCTION_APP_ID string = functionApp.outputs.id
output FUNCTION_APP_URL string = functionApp.outputs.url
output RECONCILER_CLIENT_ID string = identity.outputs.clientId
output RECONCILER_PRINCIPAL_ID string = identity.outputs.principalId
output RECONCILER_STATE string = functionApp.outputs.state
output STORAGE_ACCOUNT_ID string = storage.outputs.id
output TOPIC_DELIVERY string = eventDelivery
output TOPIC_NAME string = topicName
output TOPIC_RESOURCE_GROUP string = empty(existingTopicName) ? group.name : existingTopicResourceGroup
