// Sends a topic's events to the reconciler: into its queue `reconciler-events`, or to its function `event_grid`.
// Deployed last and again until it works: the topic's new role takes minutes to be known, the function must exist.
@description('Name of the system topic, in the resource group this is deployed to.')
param topicName string

@allowed([
  'subscription'
  'gateway'
  'configuration'
])
@description('What the topic reports on: a subscription, one API Management service, or the storage account of the configuration.')
param reportsOn string = 'subscription'

@allowed([
  'queue'
  'function'
])
@description('How events arrive. The queue needs a topic with a system-assigned identity, and no way in to the app.')
param eventDelivery string = 'queue'

@description('Resource id of the app\'s storage account, in whatever subscription of the tenant.')
param storageAccountId string

@description('Resource id of the function app, in whatever subscription of the tenant.')
param functionAppId string

@description('Client id of the reconciler: what it did itself is no news to it.')
param reconcilerClientId string

@description('The configuration as events call it, where the topic reports on its storage account.')
param configurationSubject string = '/blobServices/default/containers/configuration/blobs/reconciler.yaml'

var ownIdentity = {
  type: 'SystemAssigned'
}
var toQueue = {
  deliveryWithResourceIdentity: {
    identity: ownIdentity
    destination: {
      endpointType: 'StorageQueue'
      properties: {
        resourceId: storageAccountId
        queueName: 'reconciler-events'
        queueMessageTimeToLiveInSeconds: 86400
      }
    }
  }
  deadLetterWithResourceIdentity: {
    identity: ownIdentity
    deadLetterDestination: {
      endpointType: 'StorageBlob'
      properties: {
        resourceId: storageAccountId
        blobContainerName: 'event-dead-letters'
      }
    }
  }
  eventDeliverySchema: 'CloudEventSchemaV1_0'
}
var toFunction = {
  destination: {
    endpointType: 'AzureFunction'
    properties: {
      resourceId: '${functionAppId}/functions/event_grid'
      maxEventsPerBatch: 1
      preferredBatchSizeInKilobytes: 64
    }
  }
  eventDeliverySchema: 'EventGridSchema'
}
var filters = {
  subscription: {
    includedEventTypes: [
      'Microsoft.Resources.ResourceWriteSuccess'
      'Microsoft.Resources.ResourceDeleteSuccess'
      'Microsoft.Resources.ResourceActionSuccess'
    ]
    advancedFilters: [
      {
        operatorType: 'StringBeginsWith'
        key: 'data.operationName'
        values: [
          'Microsoft.CognitiveServices/accounts/'
          'Microsoft.ApiManagement/service/'
          'Microsoft.Authorization/roleAssignments/'
        ]
      }
      {
        operatorType: 'StringNotIn'
        key: 'data.claims.appid'
        values: [
          reconcilerClientId
        ]
      }
    ]
  }
  gateway: {
    includedEventTypes: [
      'Microsoft.ApiManagement.APICreated'
      'Microsoft.ApiManagement.APIUpdated'
      'Microsoft.ApiManagement.APIDeleted'
      'Microsoft.ApiManagement.APIReleaseCreated'
      'Microsoft.ApiManagement.APIReleaseUpdated'
      'Microsoft.ApiManagement.APIReleaseDeleted'
      'Microsoft.ApiManagement.ProductCreated'
      'Microsoft.ApiManagement.ProductUpdated'
      'Microsoft.ApiManagement.ProductDeleted'
    ]
  }
  configuration: {
    includedEventTypes: [
      'Microsoft.Storage.BlobCreated'
    ]
    subjectBeginsWith: configurationSubject
    subjectEndsWith: configurationSubject
  }
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

module deliveryRights 'delivery-rights.bicep' = if (eventDelivery == 'queue') {
  name: 'delivery-rights-${uniqueString(subscription().id, topicName)}'
  scope: resourceGroup(split(storageAccountId, '/')[2], split(storageAccountId, '/')[4])
  params: {
    storageAccountName: last(split(storageAccountId, '/'))
    principalId: topic.identity.principalId
  }
}

resource wakes 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'wake-${last(split(functionAppId, '/'))}'
  properties: union(eventDelivery == 'queue' ? toQueue : toFunction, {
    filter: filters[reportsOn]
    retryPolicy: {
      maxDeliveryAttempts: 30
      eventTimeToLiveInMinutes: 1440
    }
  })
  dependsOn: [
    deliveryRights
  ]
}
