"""Which kinds of account and which pricing tiers Cognitive Services has.

Both are open in the published schemas; these are the documented ones (`az cognitiveservices account list-kinds` and
list-skus). Which kind is sold in which tier and where is not checked.
"""

from typing import Any

from simulator.errors import provider

JSON = dict[str, Any]
_KINDS = (
    "AIServices", "AnomalyDetector", "CognitiveServices", "ComputerVision", "ContentModerator", "ContentSafety",
    "ConversationalLanguageUnderstanding", "CustomVision.Prediction", "CustomVision.Training", "Face",
    "FormRecognizer", "HealthInsights", "ImmersiveReader", "Internal.AllInOne", "LUIS", "LUIS.Authoring",
    "LanguageAuthoring", "MetricsAdvisor", "OpenAI", "Personalizer", "QnAMaker", "QnAMaker.v2", "SpeechServices",
    "TextAnalytics", "TextTranslation",
)  # fmt: skip
_SKUS = (
    "C2", "C3", "C4", "D3", "DC0", "E0", "F0", "F1", "P0", "P1", "P2", "S", "S0", "S1", "S10", "S2", "S3", "S4",
    "S5", "S6", "S7", "S8", "S9",
)  # fmt: skip


def need_known(sent: JSON) -> None:
    """Refuse a kind or a tier that nobody sells, in the words of those that are not sold to somebody."""
    kind, sku = sent.get("kind"), (sent.get("sku") or {}).get("name")
    if kind is not None and kind.lower() not in {each.lower() for each in _KINDS}:
        message = f"The account type '{kind}' is either invalid or unavailable in given region."  # azurechat#274
        raise provider(400, "InvalidApiSetId", message)
    if sku is not None and sku.upper() not in _SKUS:  # azure-docs#103641, azure-sdk-for-java#22894
        message = f"The subscription does not have QuotaId/Feature required by SKU '{sku}'"
        raise provider(400, "SpecialFeatureOrQuotaIdRequired", message + (f" from kind '{kind}'." if kind else "."))
