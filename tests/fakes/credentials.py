"""What the demo data and ``bin/fakes`` agree on: one bot a platform, under the names of the portal's forms."""

TELEGRAM = {"token": "100200300:FAKE-demo-token-for-the-fake-servers-0001"}
WHATSAPP = {
    "phone_number_id": "100000000000001",
    "business_account_id": "100000000000002",
    "access_token": "EAAfake-demo-access-token-0001",
    "app_secret": "0123456789abcdef0123456789abcdef",
    "verify_token": "demo-verify-token",
}
VIBER = {"auth_token": "445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9", "sender_name": "Demo bot"}
DEMO = {"telegram": TELEGRAM, "whatsapp": WHATSAPP, "viber": VIBER}
PORTS = {"telegram": 5081, "whatsapp": 5082, "viber": 5083, "iiko": 5084}
# By which of them a platform knows a bot, and which prove it.
IDENTITY = {"telegram": "token", "whatsapp": "phone_number_id", "viber": "auth_token"}
SECRETS = {"token", "access_token", "auth_token"}
