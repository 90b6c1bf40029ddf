"""The messages between the Functions host and the worker library, as plain classes instead of protobuf.

The library takes its message classes from each request (`properties["protos"]`), so this module is handed over
as it is. Like the generated classes, these accept only the fields they declare; one never given reads as empty.
"""

from dataclasses import dataclass, field, fields
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, ClassVar


@dataclass(kw_only=True)
class TypedData:
    """One value on its way in or out: at most one of the fields is set."""

    string: str | None = None
    json: str | None = None
    bytes: Any = None
    stream: Any = None
    http: Any = None
    int: Any = None
    double: float | None = None
    collection_bytes: Any = None
    collection_string: Any = None
    collection_double: Any = None
    collection_sint64: Any = None
    model_binding_data: Any = None
    collection_model_binding_data: Any = None

    def WhichOneof(self, _group: str) -> str | None:  # noqa: N802 - protobuf's name for it
        """The name of the field that is set."""
        return next((each.name for each in fields(self) if getattr(self, each.name) is not None), None)


@dataclass(kw_only=True)
class RpcHttp:
    """An HTTP request or an HTTP response."""

    method: str = ""
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: TypedData = field(default_factory=TypedData)
    params: dict[str, str] = field(default_factory=dict)
    status_code: str = ""
    query: dict[str, str] = field(default_factory=dict)
    enable_content_negotiation: bool = False
    rawBody: TypedData | None = None  # noqa: N815 - protobuf's name for it
    cookies: list["RpcHttpCookie"] | None = None


@dataclass(kw_only=True)
class Nullable:
    """A value that may be absent."""

    value: Any = None


NullableString = NullableBool = NullableDouble = NullableTimestamp = Nullable


@dataclass(kw_only=True)
class RpcHttpCookie:
    """A cookie of an HTTP response."""

    SameSite: ClassVar[Any] = SimpleNamespace(**{"None": 0, "Lax": 1, "Strict": 2, "ExplicitNone": 3})

    name: str = ""
    value: str = ""
    domain: Nullable | None = None
    path: Nullable | None = None
    expires: Nullable | None = None
    secure: Nullable | None = None
    http_only: Nullable | None = None
    same_site: int = 0
    max_age: Nullable | None = None


@dataclass(kw_only=True)
class ParameterBinding:
    """The value of one parameter of a function."""

    name: str = ""
    data: TypedData | None = None

    def WhichOneof(self, _group: str) -> str | None:  # noqa: N802 - protobuf's name for it
        """Which kind of value this is; shared memory, the other kind, is not used here."""
        return None if self.data is None else "data"


@dataclass(kw_only=True)
class RpcException:
    """What went wrong in the worker."""

    source: str = ""
    stack_trace: str = ""
    message: str = ""


@dataclass(kw_only=True)
class StatusResult:
    """How a request ended."""

    Failure: ClassVar[int] = 0
    Success: ClassVar[int] = 1
    Cancelled: ClassVar[int] = 2

    status: int = Failure
    result: str = ""
    exception: RpcException | None = None


@dataclass(kw_only=True)
class WorkerMetadata:
    """What the worker says about itself."""

    runtime_name: str = ""
    runtime_version: str = ""
    worker_version: str = ""
    worker_bitness: str = ""
    custom_properties: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class WorkerInitRequest:
    """Asks the worker to import and index the app."""

    host_version: str = ""
    capabilities: dict[str, str] = field(default_factory=dict)
    function_app_directory: str = ""


@dataclass(kw_only=True)
class WorkerInitResponse:
    """Whether the app could be indexed."""

    result: StatusResult | None = None
    capabilities: dict[str, str] = field(default_factory=dict)
    worker_metadata: WorkerMetadata | None = None


@dataclass(kw_only=True)
class BindingInfo:
    """The kind and direction of one binding."""

    inout: ClassVar[int] = 2
    out: ClassVar[int] = 1
    undefined: ClassVar[int] = 0

    type: str = ""
    direction: int = 0
    data_type: int | None = undefined


@dataclass(kw_only=True)
class RpcRetryOptions:
    """The retry policy of one function."""

    max_retry_count: int = 0
    delay_interval: timedelta | None = None
    minimum_interval: timedelta | None = None
    maximum_interval: timedelta | None = None
    retry_strategy: str = ""


@dataclass(kw_only=True)
class RpcFunctionMetadata:
    """One indexed function."""

    name: str = ""
    directory: str = ""
    script_file: str = ""
    entry_point: str = ""
    bindings: dict[str, BindingInfo] = field(default_factory=dict)
    is_proxy: bool = False
    language: str = ""
    raw_bindings: list[str] = field(default_factory=list)
    function_id: str = ""
    managed_dependency_enabled: bool = False
    retry_options: RpcRetryOptions | None = None
    properties: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class FunctionMetadataResponse:
    """All indexed functions; none at all where the app has no script file."""

    function_metadata_results: list[RpcFunctionMetadata] | None = None
    result: StatusResult | None = None
    use_default_metadata_indexing: bool = False


@dataclass(kw_only=True)
class FunctionLoadRequest:
    """Asks the worker to make one function ready."""

    function_id: str = ""


@dataclass(kw_only=True)
class FunctionLoadResponse:
    """Whether one function is ready."""

    function_id: str = ""
    result: StatusResult | None = None


@dataclass(kw_only=True)
class RpcTraceContext:
    """The W3C trace context of an invocation."""

    trace_parent: str = ""
    trace_state: str = ""
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class RetryContext:
    """Which attempt of a retry policy an invocation is."""

    retry_count: int = 0
    max_retry_count: int = 0
    exception: RpcException | None = None


@dataclass(kw_only=True)
class InvocationRequest:
    """Asks the worker to run one function."""

    invocation_id: str = ""
    function_id: str = ""
    input_data: list[ParameterBinding] = field(default_factory=list)
    trigger_metadata: dict[str, TypedData] = field(default_factory=dict)
    trace_context: RpcTraceContext = field(default_factory=RpcTraceContext)
    retry_context: RetryContext = field(default_factory=RetryContext)


@dataclass(kw_only=True)
class InvocationResponse:
    """How one invocation ended."""

    invocation_id: str = ""
    output_data: list[ParameterBinding] = field(default_factory=list)
    return_value: TypedData | None = None
    result: StatusResult | None = None
