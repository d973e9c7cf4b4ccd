"""A delivery of each kind, as the messengers make them: what somebody sends after they have said hello.

``{hello}`` in a text is the messenger's id of that first message.
"""

import json
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
HELLO = "{hello}"
DATE = 1760000600
NEW_NUMBER = "79990000999"
OTHER = {"id": 990, "is_bot": False, "first_name": "Anna", "last_name": "Petrova", "username": "anna"}
PHOTO = [{"file_id": "small", "width": 90, "height": 60}, {"file_id": "large", "width": 900, "height": 600}]
FILE = {"file_id": "BQACAgI", "file_unique_id": "AgAD"}
PLACE = {"latitude": 55.75, "longitude": 37.61}
GIFT = {"id": "g", "sticker": {"emoji": "🎁"}, "star_count": 15}
TASKS = [{"id": 1, "text": "Flour", "completion_date": DATE}, {"id": 2, "text": "Eggs"}]

TELEGRAM: Mapping[str, Json] = {
    "text": {"text": "два пельменя"},
    "text, forwarded": {"text": "hi", "forward_origin": {"type": "user", "sender_user": OTHER, "date": DATE}},
    "text, forwarded from nobody": {"text": "hi", "forward_origin": {"type": "hidden_user", "date": DATE}},
    "text, in reply": {"text": "yes", "reply_to_message": {"message_id": 5, "text": "Dough today?"}},
    "text, with links": {
        "text": "menu",
        "entities": [{"type": "text_link", "offset": 0, "length": 4, "url": "https://menu.example/a"}],
    },
    "text, with a bot's help": {"text": "found", "via_bot": {"id": 3, "is_bot": True, "username": "gif"}},
    "text, too long": {"text": "a" * 8100},
    "animation": {"animation": FILE | {"mime_type": "video/mp4"}, "document": FILE},
    "photo": {"photo": PHOTO, "caption": "наш стол"},
    "video": {"video": FILE, "caption": "кухня"},
    "audio": {"audio": FILE | {"file_name": "song.mp3"}, "caption": "песня"},
    "voice": {"voice": FILE, "caption": "слушай"},
    "document": {"document": FILE | {"file_name": "menu.pdf"}, "caption": "меню"},
    "video_note": {"video_note": FILE},
    "photo, without its file": {"photo": [], "caption": "lost"},
    "contact": {"contact": {"phone_number": "+79991112233", "first_name": "Boris"}},
    "contact, with a card": {
        "contact": {
            "phone_number": "+79991112233",
            "first_name": "Boris",
            "vcard": "BEGIN:VCARD\nTEL;CELL:+7 999 111-22-33\nTEL;WORK:+74955550312\nORG:Pelmenya;Kitchen\nEND:VCARD",
        }
    },
    "location": {"location": PLACE},
    "location, live": {"location": PLACE | {"live_period": 900}},
    "venue": {"location": PLACE, "venue": {"location": PLACE, "title": "Пельменная на Арбате", "address": "Арбат, 12"}},
    "sticker": {"sticker": FILE | {"emoji": "👍"}},
    "poll": {"poll": {"id": "1", "question": "Куда?", "options": [{"text": "Арбат"}, {"text": "Пресня"}]}},
    "dice": {"dice": {"emoji": "🎲", "value": 5}},
    "game": {"game": {"title": "Chef", "description": "Cook fast", "photo": PHOTO}},
    "story": {"story": {"id": 1, "chat": {"id": 9, "type": "channel", "title": "Kitchen news"}}},
    "checklist": {"checklist": {"title": "Buy", "tasks": TASKS}},
    "paid_media": {"paid_media": {"star_count": 50, "paid_media": []}, "caption": "closer"},
    "invoice": {"invoice": {"title": "Dinner", "description": "Two", "currency": "RUB", "total_amount": 145050}},
    "giveaway": {"giveaway": {"chats": [{"title": "Chefs"}], "winner_count": 3, "prize_description": "A knife"}},
    "giveaway_winners": {"giveaway_winners": {"chat": {"title": "Chefs"}, "winner_count": 3}},
    "users_shared": {"users_shared": {"request_id": 1, "users": [{"user_id": 77, "first_name": "Anna"}]}},
    "chat_shared": {"chat_shared": {"request_id": 1, "chat_id": -100, "title": "Chefs"}},
    "passport_data": {"passport_data": {"data": [], "credentials": {}}},
    "web_app_data": {"web_app_data": {"button_text": "Book", "data": "table 4"}},
    "what nobody told us of": {"hologram": {"title": "Table", "parts": [{"text": "legs"}], "id": 7}},
    "nothing at all": {},
    "successful_payment": {"successful_payment": {"currency": "XTR", "total_amount": 100}},
    "refunded_payment": {"refunded_payment": {"currency": "RUB", "total_amount": 10000}},
    "gift": {"gift": {"gift": GIFT, "text": "Thank you"}},
    "unique_gift": {"unique_gift": {"gift": {"base_name": "Samovar", "number": 7}}},
    "gift_upgrade_sent": {"gift_upgrade_sent": {"gift": GIFT}},
    "checklist_tasks_done": {
        "checklist_tasks_done": {
            "checklist_message": {"checklist": {"title": "Buy", "tasks": TASKS}},
            "marked_as_done_task_ids": [2],
        }
    },
    "checklist_tasks_added": {"checklist_tasks_added": {"tasks": [{"id": 3, "text": "Salt"}]}},
    "pinned_message": {"pinned_message": {"message_id": 5, "date": DATE, "text": "Dough today?"}},
    "message_auto_delete_timer_changed": {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}},
    "chat_background_set": {"chat_background_set": {"type": {"type": "chat_theme"}}},
    "write_access_allowed": {"write_access_allowed": {"web_app_name": "menu"}},
    "proximity_alert_triggered": {"proximity_alert_triggered": {"distance": 40}},
    "boost_added": {"boost_added": {"boost_count": 2}},
    "giveaway_created": {"giveaway_created": {}},
    "giveaway_completed": {"giveaway_completed": {"winner_count": 3}},
    "connected_website": {"connected_website": "menu.example"},
}
THUMB = [{"type": "emoji", "emoji": "👍"}]
TEA = {"text": "Tea", "callback_data": "9.9"}
MENU = {"message_id": 5, "text": "menu", "reply_markup": {"inline_keyboard": [[TEA]]}}
# Whole updates; those above are contents of messages.
TELEGRAM_UPDATES: Mapping[str, Json] = {
    "edited_message": {"edited_message": {"message_id": HELLO, "text": "hullo", "edit_date": DATE + 5}},
    "edited_message, of a picture": {"edited_message": {"message_id": HELLO, "photo": PHOTO, "caption": "new"}},
    "edited_message, of a live location": {"edited_message": {"message_id": HELLO, "location": PLACE}},
    "message_reaction": {
        "message_reaction": {
            "message_id": HELLO,
            "new_reaction": [{"type": "emoji", "emoji": "👍"}],
            "old_reaction": [],
        }
    },
    "message_reaction, taken back": {
        "message_reaction": {
            "message_id": HELLO,
            "new_reaction": [],
            "old_reaction": [{"type": "emoji", "emoji": "👍"}],
        }
    },
    "callback_query": {"callback_query": {"id": "88", "data": "9.9", "message": MENU}},
    "my_chat_member, blocked": {"my_chat_member": {"new_chat_member": {"status": "kicked"}}},
    "my_chat_member, back": {"my_chat_member": {"new_chat_member": {"status": "member"}}},
    "a group's message": {"message": {"message_id": 9, "text": "all", "chat": {"id": -5, "type": "group"}}},
    "an update of another kind": {"poll_answer": {"poll_id": "1", "option_ids": [0]}},
}


def telegram(kind: str, number: int, chat: int, hello: str) -> Json:
    """An update of the kind, from a person of that number."""
    person = {"id": chat, "is_bot": False, "first_name": "Ivan", "language_code": "ru"}
    common = {"chat": {"id": chat, "type": "private"}, "from": person, "date": DATE}
    update = TELEGRAM_UPDATES.get(kind) or {"message": {"message_id": number} | TELEGRAM[kind]}
    ((name, told),) = _with_hello(update, hello).items()
    if name == "message_reaction":
        told["user"] = common.pop("from")
    if name == "callback_query":
        told["message"] |= {"chat": common["chat"], "date": DATE}
    return {"update_id": 91_000_000 + number, name: common | told}


WHATSAPP: Mapping[str, Json] = {
    "text": {"text": {"body": "два пельменя"}},
    "text, forwarded": {"text": {"body": "hi"}, "context": {"forwarded": True}},
    "text, in reply": {"text": {"body": "yes"}, "context": {"from": "1", "id": HELLO}},
    "text, in reply to something long ago": {"text": {"body": "yes"}, "context": {"from": "1", "id": "wamid.old"}},
    "text, about a product": {
        "text": {"body": "Is it fresh?"},
        "context": {"referred_product": {"catalog_id": "5", "product_retailer_id": "PELMENI-12"}},
    },
    "text, by an advertisement": {
        "text": {"body": "hi"},
        "referral": {"source_url": "https://fb.me/x", "headline": "Lunch", "body": "Every day", "source_type": "ad"},
    },
    "text, too long": {"text": {"body": "a" * 8100}},
    "button": {"button": {"text": "Confirm", "payload": "C-7"}},
    "request_welcome": {},
    "image": {"image": {"id": "11", "mime_type": "image/jpeg", "caption": "наш стол"}},
    "video": {"video": {"id": "12", "mime_type": "video/mp4", "caption": "кухня"}},
    "audio": {"audio": {"id": "13", "mime_type": "audio/mpeg"}},
    "audio, a voice message": {"audio": {"id": "14", "mime_type": "audio/ogg", "voice": True}},
    "document": {"document": {"id": "15", "filename": "menu.pdf", "caption": "меню"}},
    "image, without its file": {"image": {"caption": "lost"}},
    "contacts": {
        "contacts": [
            {
                "name": {"formatted_name": "Anna Petrova"},
                "phones": [{"phone": "+7 999 111-22-33"}, {"phone": "+7 495 555-03-12", "type": "WORK"}],
                "emails": [{"email": "anna@pelmenya.example"}],
                "org": {"company": "Pelmenya", "title": "Chef"},
            },
            {"name": {"formatted_name": "Boris"}, "phones": [{"phone": "+7 999 444-55-66"}]},
        ]
    },
    "contacts, without a number": {
        "contacts": [{"name": {"formatted_name": "Anna"}, "emails": [{"email": "anna@pelmenya.example"}]}]
    },
    "location": {"location": PLACE},
    "location, with a name": {
        "location": PLACE | {"name": "Пельменная на Арбате", "address": "Арбат, 12", "url": "https://pelmenya.example"}
    },
    "sticker": {"sticker": {"id": "16", "mime_type": "image/webp", "animated": False}},
    "order": {
        "order": {
            "catalog_id": "5",
            "text": "без лука",
            "product_items": [
                {"product_retailer_id": "PELMENI-12", "quantity": 2, "item_price": 450, "currency": "RUB"},
                {"product_retailer_id": "KVAS", "quantity": 1, "item_price": 120.5, "currency": "RUB"},
            ],
        }
    },
    "interactive, a button": {"interactive": {"type": "button_reply", "button_reply": {"id": "9.9", "title": "Yes"}}},
    "interactive, a row": {"interactive": {"type": "list_reply", "list_reply": {"id": "9.8", "title": "Tea"}}},
    "interactive, a form": {
        "interactive": {
            "type": "nfm_reply",
            "nfm_reply": {"name": "flow", "body": "Sent", "response_json": '{"guests": 4, "flow_token": "t"}'},
        }
    },
    "interactive, about calls": {
        "interactive": {"type": "call_permission_reply", "call_permission_reply": {"response": "accept"}}
    },
    "interactive, of another kind": {"interactive": {"type": "product", "product": {"title": "Dumplings"}}},
    "unsupported": {
        "unsupported": {"type": "view_once"},
        "errors": [{"code": 131051, "title": "Message type unknown", "error_data": {"details": "Not supported."}}],
    },
    "unsupported, a poll": {"unsupported": {"type": "poll_creation"}, "errors": [{"code": 131051}]},
    "unsupported, an edit": {"unsupported": {"type": "edit"}, "errors": [{"code": 131051}]},
    "unknown": {"errors": [{"code": 131051, "title": "Unsupported message type"}]},
    "errors": {"errors": [{"code": 131000, "title": "Something went wrong"}]},
    "ephemeral": {},
    "hologram": {"hologram": {"title": "Table", "parts": [{"text": "legs"}], "id": 7}},
    "reaction": {"reaction": {"message_id": HELLO, "emoji": "👍"}},
    "reaction, taken back": {"reaction": {"message_id": HELLO, "emoji": ""}},
    "edit": {"edit": {"original_message_id": HELLO, "message": {"type": "text", "text": {"body": "hullo"}}}},
    "edit, of a picture": {
        "edit": {"original_message_id": HELLO, "message": {"type": "image", "image": {"id": "1", "caption": "new"}}}
    },
    "revoke": {"revoke": {"original_message_id": HELLO}},
    "system": {
        "system": {"type": "user_changed_number", "wa_id": NEW_NUMBER, "body": "User Ivan changed their number"}
    },
    "a group's message": {"type": "text", "text": {"body": "all"}, "group_id": "g-1"},
}
# Beside the messages: lists of a change's value.
WHATSAPP_VALUES: Mapping[str, Json] = {
    "calls": {"calls": [{"id": "call-1", "event": "terminate", "status": "COMPLETED", "duration": 12}]},
    "calls, that begin": {"calls": [{"id": "call-2", "event": "connect"}]},
    "calls, that nobody took": {"calls": [{"id": "call-3", "event": "terminate", "status": "REJECTED"}]},
    "user_preferences": {
        "user_preferences": [
            {"category": "marketing_messages", "value": "stop", "detail": "User requested to stop marketing messages"}
        ]
    },
    "statuses": {"statuses": [{"id": "wamid.none", "status": "delivered", "timestamp": str(DATE)}]},
    "errors of the app": {"errors": [{"code": 130429, "title": "Rate limit hit"}]},
    "message_echoes": {"message_echoes": [{"id": "wamid.echo", "type": "text", "text": {"body": "from a phone"}}]},
}


def whatsapp(kind: str, number: int, chat: int, hello: str, phone_number_id: str) -> Json:
    """A delivery of the kind, from a person of that number."""
    contact = {"profile": {"name": "Ivan"}, "wa_id": str(chat)}
    value: Json = {"metadata": {"phone_number_id": phone_number_id}, "contacts": [contact]}
    if kind in WHATSAPP_VALUES:
        ((name, (told,)),) = WHATSAPP_VALUES[kind].items()
        who = {"from": str(chat), "to": str(chat), "wa_id": str(chat), "recipient_id": str(chat)}
        value[name] = [{"timestamp": str(DATE), "direction": "USER_INITIATED"} | who | told]
    else:
        sent = _with_hello(WHATSAPP[kind], hello)
        common = {"from": str(chat), "id": f"wamid.s{number}", "timestamp": str(DATE), "type": kind.partition(",")[0]}
        value["messages"] = [common | sent]
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"value": value}]}]}


VIBER: Mapping[str, Json] = {
    "text": {"text": "два пельменя"},
    "text, too long": {"text": "a" * 8100},
    "url": {"media": "https://pelmenya.example/menu"},
    "picture": {"media": "https://media.example/1.jpg", "text": "наш стол"},
    "video": {"media": "https://media.example/1.mp4", "text": "кухня", "size": 9000, "duration": 3},
    "file": {"media": "https://media.example/menu.pdf", "file_name": "menu.pdf", "size": 900},
    "picture, without its file": {"text": "lost"},
    "contact": {"contact": {"name": "Boris", "phone_number": "+79991112233"}},
    "location": {"location": {"lat": 55.75, "lon": 37.61}},
    "location, with a name": {"location": {"lat": 55.75, "lon": 37.61, "address": "Арбат, 12"}},
    "sticker": {"sticker_id": 46105, "media": "https://media.example/sticker.png"},
    "hologram": {"title": "Table", "parts": [{"text": "legs"}]},
}
VIBER_EVENTS: Mapping[str, Json] = {
    "conversation_started": {"subscribed": True, "context": "table-7"},
    "subscribed": {},
    "unsubscribed": {},
    "delivered": {},
    "seen": {},
    "failed": {"desc": "failure description"},
    "what nobody told us of": {"event": "wave", "text": "hi"},
}


def viber(kind: str, number: int, chat: int) -> Json:
    """A callback of the kind, from a person of that number."""
    person = {"id": f"viber-person-{chat}==", "name": "Ivan", "language": "ru", "country": "RU", "api_version": 1}
    common = {"timestamp": DATE * 1000, "message_token": 4_900_000_000_000_900_000 + number}
    if kind in VIBER_EVENTS:
        who = {"user": person, "user_id": person["id"]}
        return common | {"event": kind} | who | VIBER_EVENTS[kind]
    message = {"type": kind.partition(",")[0]} | VIBER[kind]
    return common | {"event": "message", "sender": person, "message": message}


def _with_hello(told: Json, hello: str) -> Json:
    filled: Json = json.loads(json.dumps(told).replace(HELLO, hello))
    return filled
