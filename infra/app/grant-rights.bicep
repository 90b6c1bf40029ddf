// Lets the reconciler grant the model role in one resource group, where that should not be a whole subscription.
@description('Object id of the reconciler.')
param principalId string

@description('Condition that says which role may be granted, and to whom.')
param grantCondition string

var rbacAdministrator = 'f58310d9-a9f6-439a-9e8d-f62e7b41a168'

resource grantModelRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, principalId, rbacAdministrator)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', rbacAdministrator)
    principalId: principalId
    principalType: 'ServicePrincipal'
    condition: grantCondition
    conditionVersion: '2.0'
  }
}
