# Sends the subscription's events to the deployed app, into its queue or to its function. azd passes the outputs of main.bicep as variables.
$ErrorActionPreference = 'Stop'

$seconds = if ($env:RETRY_SECONDS) { [int]$env:RETRY_SECONDS } else { 60 }
foreach ($attempt in 1..10) {
    az deployment group create `
        --name connect-events `
        --subscription $env:AZURE_SUBSCRIPTION_ID `
        --resource-group $env:TOPIC_RESOURCE_GROUP `
        --template-file infra/app/events.bicep `
        --parameters `
            "topicName=$env:TOPIC_NAME" `
            "eventDelivery=$env:TOPIC_DELIVERY" `
            "storageAccountId=$env:STORAGE_ACCOUNT_ID" `
            "functionAppId=$env:FUNCTION_APP_ID" `
            "reconcilerClientId=$env:RECONCILER_CLIENT_ID" `
        --output none
    if ($LASTEXITCODE -eq 0) { exit 0 }
    if ($attempt -lt 10) { Start-Sleep -Seconds $seconds } # a new role takes minutes to be known to Event Grid, a new function to Azure Resource Manager
}
[Console]::Error.WriteLine("The events are not connected. A topic that was there before needs a system-assigned identity (docs/deploying.md, Events). Run 'azd hooks run postdeploy' to try again; until then only the timer wakes the reconciler.")
exit 1
