#!/bin/sh
# Sends the subscription's events to the deployed function `event_grid`. azd passes the outputs of main.bicep as variables.
set -eu

attempt=1
until az deployment group create \
    --name connect-events \
    --subscription "$AZURE_SUBSCRIPTION_ID" \
    --resource-group "$TOPIC_RESOURCE_GROUP" \
    --template-file infra/app/events.bicep \
    --parameters \
        "topicName=$TOPIC_NAME" \
        "functionAppId=$FUNCTION_APP_ID" \
        "reconcilerClientId=$RECONCILER_CLIENT_ID" \
    --output none
do
    if [ "$attempt" -ge 5 ]; then
        echo "The events are not connected. Run 'azd hooks run postdeploy' to try again; until then only the timer wakes the reconciler." >&2
        exit 1
    fi
    attempt=$((attempt + 1))
    sleep "${RETRY_SECONDS:-30}" # a new function takes a moment to be known to Azure Resource Manager
done
