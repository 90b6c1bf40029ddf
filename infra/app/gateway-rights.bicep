// What the reconciler may do on the gateway, and only on this one. infra/reconciler-role.json lists the same actions.
param gatewayName string

@description('Makes the name of the role unique in the tenant.')
param roleSuffix string

@description('Object id of the reconciler.')
param principalId string

@description('Also allow writing the service itself, to switch its identity on.')
param enableIdentity bool

var scopeId = resourceGroup().id
var readActions = [
  'Microsoft.ApiManagement/service/read'
  'Microsoft.ApiManagement/service/operationresults/read'
  'Microsoft.ApiManagement/service/tenant/operationResults/read'
  'Microsoft.ApiManagement/service/backends/read'
  'Microsoft.ApiManagement/service/apis/read'
  'Microsoft.ApiManagement/service/apis/operations/read'
  'Microsoft.ApiManagement/service/apis/operations/policies/read'
  'Microsoft.ApiManagement/service/apis/policies/read'
  'Microsoft.ApiManagement/service/apis/products/read'
  'Microsoft.ApiManagement/service/products/read'
  'Microsoft.ApiManagement/service/products/apis/read'
]
var writeActions = [
  'Microsoft.ApiManagement/service/backends/write'
  'Microsoft.ApiManagement/service/backends/delete'
  'Microsoft.ApiManagement/service/apis/write'
  'Microsoft.ApiManagement/service/apis/delete'
  'Microsoft.ApiManagement/service/apis/operations/write'
  'Microsoft.ApiManagement/service/apis/operations/delete'
  'Microsoft.ApiManagement/service/apis/policies/write'
  'Microsoft.ApiManagement/service/apis/policies/delete'
  'Microsoft.ApiManagement/service/products/apis/write'
  'Microsoft.ApiManagement/service/products/apis/delete'
]
var identityActions = [
  'Microsoft.ApiManagement/service/write'
]

resource gateway 'Microsoft.ApiManagement/service@2024-05-01' existing = {
  name: gatewayName
}

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(scopeId, gatewayName, roleSuffix)
  properties: {
    roleName: 'APIM OpenAI Reconciler (${gatewayName}, ${roleSuffix})'
    description: 'Reads an API Management service and maintains the APIs, backends and product links of Azure OpenAI accounts on it.'
    type: 'CustomRole'
    permissions: [
      {
        actions: enableIdentity ? concat(readActions, writeActions, identityActions) : concat(readActions, writeActions)
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

resource maintainGateway 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: gateway
  name: guid(gateway.id, principalId, role.id)
  properties: {
    roleDefinitionId: role.id
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
