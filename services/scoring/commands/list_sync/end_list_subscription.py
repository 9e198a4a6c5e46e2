"""End a subscription of a list, which nobody holds any more."""

from dataclasses import dataclass

from services.common.identity import Role
from services.common.once import Answer, WriteCall, write_once
from services.common.tokens import StorePoint
from services.scoring.commands.list_sync.list_feed_ports import FeedStore, FeedWriting
from services.scoring.domain.list_errors import OutOfScopeError
from services.scoring.domain.list_feed import ListView
from services.scoring.domain.list_feed_errors import SubscriptionUnknownError


@dataclass(frozen=True, slots=True)
class SubscriptionEnded:
    """What became of a subscription.

    Attributes:
        held_version: Version that was acknowledged last.
        point: Point of the store that includes the end.
    """

    held_version: int
    point: StorePoint


@dataclass(frozen=True, slots=True)
class EndListSubscription:
    """Ends subscriptions.

    Attributes:
        store: The lists.
    """

    store: FeedStore

    def __call__(
        self, call: WriteCall[SubscriptionEnded], view: ListView, *, subscriber: str
    ) -> Answer:
        """Keep that a view is held no more; what was known of it before stays known as of then.

        Args:
            call: Who says so, and how the answer is encoded.
            view: The view of a list.
            subscriber: Who held it; empty for the caller.

        Raises:
            OutOfScopeError: It is another's, and the caller is no operator.
            SubscriptionUnknownError: Nobody of this name holds the view.
        """
        whose = subscriber or call.caller.identity
        if whose != call.caller.identity and not call.caller.has_role(Role.OPERATOR):
            raise OutOfScopeError(
                "end your own subscriptions; an operator ends another's", subscriber=whose
            )

        def work(write: FeedWriting) -> SubscriptionEnded:
            held = write.end_subscription(whose, view)
            if held is None:
                raise SubscriptionUnknownError(
                    "name a subscription as ListSubscribers lists it, with its field and division",
                    subscriber=whose,
                    field=view.key.field,
                    division=view.division,
                )
            return SubscriptionEnded(held, write.point)

        return write_once(self.store, call, work)
