"""The elements and attributes that each provider documents.

Sources: twilio.com/docs/voice/twiml, SignalWire's cXML reference, Somleng's published source, Telnyx's TeXML verbs
(developers.telnyx.com/docs/voice/programmable-voice/texml-verbs), Cloudonix's CXML verbs
(developers.cloudonix.com/Documentation/voiceApplication/Verb).
"""

from collections.abc import Mapping

_CALLBACK = "statusCallback statusCallbackEvent statusCallbackMethod"
_MACHINE = (
    "machineDetection machineDetectionTimeout machineDetectionSpeechThreshold"
    " machineDetectionSpeechEndThreshold machineDetectionSilenceTimeout amdStatusCallback amdStatusCallbackMethod"
)
_RECORDING = "recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent recordingTrack"

# None: the element is known, its attributes are not checked because it is not simulated.
TWILIO: Mapping[str, str | None] = {
    "Say": "voice language loop",
    "Play": "loop digits",
    "Pause": "length",
    "Gather": "input action method timeout numDigits finishOnKey actionOnEmptyResult speechTimeout speechModel"
    " hints language profanityFilter partialResultCallback partialResultCallbackMethod bargeIn",
    "Redirect": "method",
    "Hangup": "",
    "Reject": "reason",
    "Record": "action method timeout finishOnKey maxLength playBeep trim transcribe transcribeCallback " + _RECORDING,
    "Dial": "action method timeout timeLimit hangupOnStar answerOnBridge callerId record trim ringTone sequential"
    f" referUrl referMethod callReason recordingConfigurationId {_RECORDING}",
    "Number": f"sendDigits url method byoc {_CALLBACK} {_MACHINE}",
    "Client": f"url method clientNotificationUrl {_CALLBACK}",
    "Identity": "",
    "Parameter": "name value",
    "Sip": f"username password url method {_CALLBACK} {_MACHINE}",
    "Queue": "url method reservationSid",
    "Conference": None,
    "Application": None,
    "Sim": None,
    "WhatsApp": None,
    "Enqueue": "action method waitUrl waitUrlMethod maxQueueSize workflowSid",
    "Leave": "",
    "Refer": None,
    "Start": None,
    "Stop": None,
    "Connect": None,
}
SIGNALWIRE: Mapping[str, str | None] = {
    **{name: known for name, known in TWILIO.items() if name not in ("Client", "Identity", "Parameter")},
    "Dial": "action method timeout timeLimit hangupOnStar answerOnBridge callerId record trim ringTone " + _RECORDING,
    "Number": f"sendDigits url method {_CALLBACK}",
    "Verto": None,
    "Denoise": None,
    "Echo": None,
    "Room": None,
}
SOMLENG: Mapping[str, str | None] = {
    "Say": "voice language loop",
    "Play": "loop",
    "Gather": "action method timeout numDigits finishOnKey actionOnEmptyResult",
    "Redirect": "method",
    "Hangup": "",
    "Reject": "reason",
    "Record": "action method timeout finishOnKey maxLength playBeep"
    " recordingStatusCallback recordingStatusCallbackMethod",
    "Dial": "action method callerId timeout",
    "Number": "",
    "Sip": "",
    "Connect": None,
}
_TELNYX_NOUN = f"url method {_CALLBACK} machineDetection detectionMode machineDetectionTimeout sipRegion"
TELNYX: Mapping[str, str | None] = {
    "Say": "voice language loop gender effect voiceSpeed api_key_ref region",
    "Play": "loop digits mediaStorage failoverUrl continueOnError ringTone",
    "Pause": "length",
    "Gather": "input action timeout numDigits minDigits maxDigits validDigits invalidDigitsAction finishOnKey"
    " speechTimeout language hints profanityFilter partialResultCallback partialResultCallbackMethod",
    "Redirect": "method",
    "Hangup": "",
    "Reject": "reason",
    "Record": "action method timeout finishOnKey maxLength playBeep trim channels format"
    " recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent",
    "Dial": "action method timeout timeLimit hangupOnStar answerOnBridge callerId fromDisplayName record"
    " recordingChannels recordMaxLength sendRecordingUrl ringTone audioUrl sequential passDiversionHeader"
    " recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent",
    "Number": f"sendDigits {_TELNYX_NOUN}",
    "Sip": f"username password {_TELNYX_NOUN}",
    "Queue": "url method",
    "Conference": None,
    "Enqueue": "action method waitUrl waitUrlMethod maxWaitTimeSecs",
    "Leave": "",
    "Refer": None,
    "Start": None,
    "Stop": None,
    "Connect": None,
}
CLOUDONIX: Mapping[str, str | None] = {
    "Say": "answer loop voice language statusCallback statusCallbackMethod",
    "Play": "answer loop digits statusCallback statusCallbackMethod",
    "Pause": "length answer",
    "Gather": "action method input finishOnKey numDigits maxTimeout timeout speechTimeout speechEngine language"
    " actionOnEmptyResult maxDuration speechDetection interruptible",
    "Redirect": "method",
    "Hangup": "",
    "Reject": "reason",
    "Record": "action method timeout finishOnKey maxLength playBeep trim"
    " recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent",
    "Dial": "action method callerId callerName forwardHeaders headers hangupOnStar hangupOn record timeLimit timeout"
    " trim trunks recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent",
    "Number": "",
    "Sip": "username password domain",
    "Conference": None,
    "Coach": None,
    "Start": None,
    "Connect": None,
}
NOUNS = frozenset(("Number", "Client", "Sip", "Queue", "Conference", "Application", "Sim", "WhatsApp", "Verto"))
PARTS = frozenset(("Identity", "Parameter"))  # of a Client
SSML = frozenset(("break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"))
