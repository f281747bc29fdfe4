"""A telephone network without a provider: plays TwiML over HTTP as a provider would, on a virtual clock."""

from simulator.call import Call, WrongMomentError
from simulator.caller import Caller
from simulator.clock import Clock
from simulator.dialects import DIALECTS, Dialect
from simulator.exchange import CallIsOverError, Exchange
from simulator.faults import Fault
from simulator.leg import Leg
from simulator.provider import Provider
from simulator.records import Document, Line, Webhook
from simulator.rest import RestApp, rest_app
from simulator.script import DeviceScript, Result, play
from simulator.signature import sign
from simulator.terminal import interactive
from simulator.transcript import transcript_lines
from simulator.waiting import Ended, Gathering, Listening, Recording, Ringing, Screening, Talking

__all__ = [
    "DIALECTS",
    "Call",
    "CallIsOverError",
    "Caller",
    "Clock",
    "DeviceScript",
    "Dialect",
    "Document",
    "Ended",
    "Exchange",
    "Fault",
    "Gathering",
    "Leg",
    "Line",
    "Listening",
    "Provider",
    "Recording",
    "RestApp",
    "Result",
    "Ringing",
    "Screening",
    "Talking",
    "Webhook",
    "WrongMomentError",
    "interactive",
    "play",
    "rest_app",
    "sign",
    "transcript_lines",
]
