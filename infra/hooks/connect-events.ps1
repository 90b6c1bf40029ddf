# Sends the subscription's events to the deployed function `event_grid`. azd passes the outputs of main.bicep as variables.
$ErrorActionPreference = 'Stop'

$seconds = if ($env:RETRY_SECONDS) { [int]$env:RETRY_SECONDS } else { 30 }
foreach ($attempt in 1..5) {
    az deployment group create `
        --name connect-events `
        --subscription $env:AZURE_SUBSCRIPTION_ID `
        --resource-group $env:TOPIC_RESOURCE_GROUP `
        --template-file infra/app/events.bicep `
        --parameters `
            "topicName=$env:TOPIC_NAME" `
            "functionAppId=$env:FUNCTION_APP_ID" `
            "reconcilerClientId=$env:RECONCILER_CLIENT_ID" `
        --output none
    if ($LASTEXITCODE -eq 0) { exit 0 }
    if ($attempt -lt 5) { Start-Sleep -Seconds $seconds } # a new function takes a moment to be known to Azure Resource Manager
}
[Console]::Error.WriteLine("The events are not connected. Run 'azd hooks run postdeploy' to try again; until then only the timer wakes the reconciler.")
exit 1
