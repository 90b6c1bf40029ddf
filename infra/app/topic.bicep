// A system topic: Azure publishes there what happens to the source. One per source; with an identity, to deliver with.
param name string
param tags object = {}

@description('Resource id of what the topic reports on; in the subscription this is deployed to.')
param source string = subscription().id

@description('Event Grid\'s word for that.')
param topicType string = 'Microsoft.Resources.Subscriptions'

@description('The region of the source; subscriptions have none.')
param location string = 'global'

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: name
  location: location
  tags: tags
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    source: source
    topicType: topicType
  }
}
