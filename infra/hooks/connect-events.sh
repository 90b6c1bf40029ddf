#!/bin/sh
# Sends the subscription's events to the deployed app, into its queue or to its function. azd passes the outputs of main.bicep as variables.
set -eu

attempt=1
until az deployment group create \
    --name connect-events \
    --subscription "$AZURE_SUBSCRIPTION_ID" \
    --resource-group "$TOPIC_RESOURCE_GROUP" \
    --template-file infra/app/events.bicep \
    --parameters \
        "topicName=$TOPIC_NAME" \
        "eventDelivery=$TOPIC_DELIVERY" \
        "storageAccountId=$STORAGE_ACCOUNT_ID" \
        "functionAppId=$FUNCTION_APP_ID" \
        "reconcilerClientId=$RECONCILER_CLIENT_ID" \
    --output none
do
    if [ "$attempt" -ge 10 ]; then
        echo "The events are not connected. A topic that was there before needs a system-assigned identity (docs/deploying.md, Events). Run 'azd hooks run postdeploy' to try again; until then only the timer wakes the reconciler." >&2
        exit 1
    fi
    attempt=$((attempt + 1))
    sleep "${RETRY_SECONDS:-60}" # a new role takes minutes to be known to Event Grid, a new function to Azure Resource Manager
done
