// Sends the topic's events to the function `event_grid`. Deployed after the code, since that function must exist by then.
@description('Name of the system topic, in the resource group this is deployed to.')
param topicName string

@description('Resource id of the function app, in whatever subscription of the tenant.')
param functionAppId string

@description('Client id of the reconciler: what it did itself is no news to it.')
param reconcilerClientId string

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource wakes 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'wake-${last(split(functionAppId, '/'))}'
  properties: {
    destination: {
      endpointType: 'AzureFunction'
      properties: {
        resourceId: '${functionAppId}/functions/event_grid'
        maxEventsPerBatch: 1
        preferredBatchSizeInKilobytes: 64
      }
    }
    eventDeliverySchema: 'EventGridSchema'
    filter: {
      includedEventTypes: [
        'Microsoft.Resources.ResourceWriteSuccess'
        'Microsoft.Resources.ResourceDeleteSuccess'
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
    retryPolicy: {
      maxDeliveryAttempts: 30
      eventTimeToLiveInMinutes: 1440
    }
  }
}
