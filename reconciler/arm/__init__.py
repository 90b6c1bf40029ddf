"""Azure Resource Manager: the only package that speaks to it, through Microsoft's management SDKs."""

from __future__ import annotations

from reconciler.arm.arm import Arm, ReadOnlyArm, Remaining, SdkArm, Stop
from reconciler.arm.clients import Clients

__all__ = ["Arm", "Clients", "ReadOnlyArm", "Remaining", "SdkArm", "Stop"]
