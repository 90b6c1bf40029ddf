// What wakes a person: rules on what the app logs (docs/telemetry.md). Made only where somebody is named to be told.
param location string
param tags object

@description('Resource id of the Log Analytics workspace that has the app\'s log.')
param workspaceId string

@description('Resource id of the action group: who is told, and how.')
param actionGroupId string

@description('Minutes without a success after which a gateway is in trouble.')
param staleAfterMinutes int

var anyRun = 'AppTraces | where tostring(Properties.event_name) == "reconcile.completed"'
var perGateway = [
  {
    name: 'gateway'
    operator: 'Include'
    values: [
      '*'
    ]
  }
]
var rules = [
  {
    name: 'no-run'
    severity: 1
    description: 'No run ended for ${staleAfterMinutes} minutes, on no gateway. Does the function app run? See docs/status.md, Stale.'
    query: '${anyRun} | where TimeGenerated > ago(${staleAfterMinutes}m)'
    window: 'P1D'
    operator: 'LessThan'
    threshold: 1
    dimensions: []
  }
  {
    name: 'no-success'
    severity: 2
    description: 'No run on this gateway succeeded for ${staleAfterMinutes} minutes. See docs/status.md, Ready.'
    query: '${anyRun} | summarize first = min(TimeGenerated), good = maxif(TimeGenerated, tostring(Properties.outcome) in ("InSync", "Applied")) by gateway = tostring(Properties.gateway) | where coalesce(good, first) < ago(${staleAfterMinutes}m)'
    window: 'P1D'
    operator: 'GreaterThan'
    threshold: 0
    dimensions: perGateway
  }
  {
    name: 'given-up'
    severity: 2
    description: 'A message failed again and again and was given up; every gateway is looked at instead. See givenUp in GET /api/status.'
    query: 'AppTraces | where Message contains "failed too often and is given up"'
    window: 'PT15M'
    operator: 'GreaterThan'
    threshold: 0
    dimensions: []
  }
  {
    name: 'held'
    severity: 2
    description: 'More would be deleted on this gateway than is allowed at once, or somebody writes back what the reconciler writes. See docs/status.md, PlanBlockedTooManyDeletes and DriftLoop.'
    query: '${anyRun} | extend gateway = tostring(Properties.gateway), held = tostring(Properties.held_because) | where held contains "too-many" or held contains "drift-loop"'
    window: 'PT1H'
    operator: 'GreaterThan'
    threshold: 0
    dimensions: perGateway
  }
  {
    name: 'forbidden'
    severity: 2
    description: 'Azure refused the reconciler a read or a write on this gateway or on its accounts. See docs/status.md, Forbidden.'
    query: 'AppTraces | where tostring(Properties.event_name) in ("reconcile.completed", "reconcile.change") | extend gateway = tostring(Properties.gateway) | where tostring(Properties.error) in ("forbidden", "not-signed-in") or tostring(Properties.reason) in ("forbidden", "not-signed-in")'
    window: 'PT1H'
    operator: 'GreaterThan'
    threshold: 0
    dimensions: perGateway
  }
]

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for rule in rules: {
  name: 'reconciler-${rule.name}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Reconciler: ${rule.name}'
    description: rule.description
    severity: rule.severity
    enabled: true
    scopes: [
      workspaceId
    ]
    evaluationFrequency: 'PT15M'
    windowSize: rule.window
    autoMitigate: true
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          query: rule.query
          timeAggregation: 'Count'
          operator: rule.operator
          threshold: rule.threshold
          dimensions: rule.dimensions
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: {
      actionGroups: [
        actionGroupId
      ]
    }
  }
}]
