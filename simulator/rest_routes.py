"""Where the stand-in for the provider's REST API is asked for what: addresses, and the names of the answers."""

from werkzeug.routing import Map, Rule

_ACCOUNT = "/2010-04-01/Accounts/<account>"
ROUTES = Map(
    [
        Rule(f"{prefix}{_ACCOUNT}{path}", endpoint=endpoint, methods=methods)
        for prefix in ("", "/api/laml")  # SignalWire serves the same under a prefix
        for path, endpoint, methods in (
            ("/Calls.json", "list_calls", ["GET"]),
            ("/Calls/<sid>.json", "show_call", ["GET"]),
            ("/Calls/<sid>.json", "change_call", ["POST"]),
            ("/Balance.json", "show_balance", ["GET"]),
            (".json", "show_account", ["GET"]),
            ("/IncomingPhoneNumbers.json", "list_numbers", ["GET"]),
            ("/IncomingPhoneNumbers/<sid>.json", "change_number", ["POST"]),
            ("/Recordings/<sid>.json", "show_recording", ["GET"]),
            ("/Recordings/<sid>.json", "delete_recording", ["DELETE"]),
            ("/Recordings/<sid>.wav", "play_recording", ["GET"]),
            ("/Recordings/<sid>.mp3", "play_mp3", ["GET"]),
            ("/Recordings/<sid>", "play_recording", ["GET"]),
        )
    ]
    # Telnyx's, below /v2 (developers.telnyx.com, TeXML REST commands; the balance is that of the whole account).
    + [
        Rule(path, endpoint=endpoint, methods=methods)
        for path, endpoint, methods in (
            ("/texml/Accounts/<account>/Calls", "list_calls", ["GET"]),
            ("/texml/Accounts/<account>/Calls/<sid>", "show_call", ["GET"]),
            ("/texml/Accounts/<account>/Calls/<sid>", "change_call", ["POST"]),
            ("/texml/Accounts/<account>/Recordings/<sid>.json", "show_recording", ["GET"]),
            ("/texml/Accounts/<account>/Recordings/<sid>.json", "delete_recording", ["DELETE"]),
            ("/balance", "show_balance", ["GET"]),
        )
    ]
)
