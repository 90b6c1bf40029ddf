// What the reconciler may do where the accounts are: see accounts, model deployments and role assignments; grant one role.
targetScope = 'subscription'

@description('Makes the name of the role unique in the tenant.')
param roleSuffix string

@description('Object id of the reconciler.')
param principalId string

@description('Whether the model role may be granted anywhere in this subscription.')
param mayGrant bool

@description('Condition that says which role may be granted, and to whom.')
param grantCondition string

var scopeId = subscription().id
var rbacAdministrator = 'f58310d9-a9f6-439a-9e8d-f62e7b41a168'

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(scopeId, 'accounts', roleSuffix)
  properties: {
    roleName: 'APIM OpenAI Reconciler accounts (${subscription().subscriptionId}, ${roleSuffix})'
    description: 'Reads Azure OpenAI accounts, their model deployments and who may use them.'
    type: 'CustomRole'
    permissions: [
      {
        actions: [
          'Microsoft.CognitiveServices/accounts/read'
          'Microsoft.CognitiveServices/accounts/deployments/read'
          'Microsoft.Authorization/roleAssignments/read'
        ]
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
    assignableScopes: [
      scopeId
    ]
  }
}

resource readAccounts 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(scopeId, principalId, role.id)
  properties: {
    roleDefinitionId: role.id
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

resource grantModelRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (mayGrant) {
  name: guid(scopeId, principalId, rbacAdministrator)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', rbacAdministrator)
    principalId: principalId
    principalType: 'ServicePrincipal'
    condition: grantCondition
    conditionVersion: '2.0'
  }
}
