"""A local stand-in for Azure Resource Manager: it says what Azure would have answered."""

from simulator.app import Simulator

__all__ = ["Simulator"]
