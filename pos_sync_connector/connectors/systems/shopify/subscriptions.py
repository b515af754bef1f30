"""Webhook subscriptions of an app at Shopify: one for each topic of an address. They are signed with the app's secret.

Its privacy topics are none of these: they stand in the app's own configuration.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...errors import NeedsFixing, Refused
from ...subscriptions import Subscribed, is_ours
from .api import Api
from .values import Row

_LIST = """
query Subscriptions($first: Int!, $after: String) {
  webhookSubscriptions(first: $first, after: $after) {
    pageInfo { hasNextPage endCursor } nodes { id topic uri format filter includeFields } } }
"""
_CREATE = """
mutation Subscribe($topic: WebhookSubscriptionTopic!, $uri: String!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: {uri: $uri, format: JSON}) {
    webhookSubscription { id } userErrors { field message } } }
"""
_DELETE = """
mutation Unsubscribe($id: ID!) {
  webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { field message } } }
"""


class Subscriptions:
    def __init__(self, api: Api):
        self._api = api

    def register(self, url: str, topics: Iterable[str]) -> Subscribed:
        """Without topics nothing is sent there any more. What is not as it is to be goes, and is made anew."""
        wanted = {_word(topic): topic for topic in topics}
        kept: set[str] = set()
        for row in list(self._api.every(_LIST, "webhookSubscriptions")):
            if not is_ours(row["uri"], url):
                continue
            if row["topic"] in wanted and row["topic"] not in kept and _is_sound(row, url):
                kept.add(row["topic"])
            else:
                self._api.change(_DELETE, "webhookSubscriptionDelete", again=True, id=row["id"])
        missing, why = [], []
        for word in sorted(wanted.keys() - kept):
            try:
                self._api.change(_CREATE, "webhookSubscriptionCreate", topic=word, uri=url)
            except (NeedsFixing, Refused) as failure:
                if isinstance(failure, Refused) and failure.code != "forbidden":
                    raise
                # Each topic needs access to what it tells of.
                missing.append(wanted[word])
                why.append(failure.sentence)
        if why:
            why.append("Give the app access to what the missing topics tell of, install it again, then register again.")
        sent = tuple(sorted(set(wanted.values()) - set(missing)))
        return Subscribed(topics=sent, missing=tuple(sorted(missing)), why=" ".join(dict.fromkeys(why)))


def _word(topic: str) -> str:
    """`orders/create` is ORDERS_CREATE where subscriptions are made."""
    return topic.upper().replace("/", "_")


def _is_sound(row: Row, url: str) -> bool:
    """Whether it sends whole bodies of everything, as JSON, to exactly that address."""
    return row["uri"] == url and row["format"] == "JSON" and not row["filter"] and not row["includeFields"]
