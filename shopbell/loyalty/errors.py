"""What can go wrong with what customers earn.

LoyaltyError
|- ImportRefused        a file of sales has bad rows
|- SheetRefused         a file of sales cannot be read as a whole
|- RecipeRefused        the mapping of an import's columns cannot be used
|- NoSuchCustomer       no customer has this id
|- CustomerRefused      what is said of a customer cannot be kept
|  `- CustomerTaken     another customer has this phone number or e-mail address
|- KeyRefused           a till's key is not known or was revoked
|- ScopeMissing         a till's key does not allow this
|- TooFast              a till asks more often than it may
|- TillTaken            the till has a key already
|- SubscriptionRefused  a webhook's address, secret or events cannot be used
|- DeliveryMissing      there is no such delivery to send again
|- CodeRefused          a reward's code is misread, unknown, spent or too old
|- ProgrammeError     programme.toml is not as it should be
|  `- UnboundedRule   its rules could give without end
|- ReferralRefused    a referral that could be one person playing two
|- PackRefused        a prepaid pack cannot be used, paused, skipped or left like that
|- ReturnRefused      more came back than was bought, or a line not on the receipt
|- NoSuchPurchase     no sale has this number
|- PurchaseRefused    a sale cannot be taken in as it is told
|  `- PurchaseReused  the number was used before, for another sale or return
|- ClaimRefused       a receipt cannot be added to this customer's account any more
|- RewardRefused      a reward cannot be had, handed out or undone
|- AdjustmentRefused  a correction by hand cannot be made or decided like that
|- MergeRefused       two records cannot be made one, or two again
|- ReckoningRefused   reckoning.toml is not as it should be
`- LedgerError
   |- KeyReused       the key was used before, for another request
   |- NotEnough       the customer has less than is asked for
   |- NotInLedger     no entry of the needed kind has that key
   |- HoldEnded       the hold was redeemed or released before
   |- MoreThanGiven   more would be taken or given back than there was
   `- BadOperation    the request makes no sense as it stands
"""


class LoyaltyError(Exception):
    """Something about loyalty went wrong; `code` is stable, the message is for the reader."""

    code = "loyalty"


class LedgerError(LoyaltyError):
    """The ledger refuses an operation; nothing was written."""

    code = "loyalty.ledger"


class KeyReused(LedgerError):
    """The same key came with another request."""

    code = "loyalty.key_reused"


class NotEnough(LedgerError):
    """The customer cannot spend that much; `available` is what there is."""

    code = "loyalty.not_enough"

    def __init__(self, message: str, *, available: int = 0) -> None:
        super().__init__(message)
        self.available = available


class NotInLedger(LedgerError):
    """The entry that the operation is about is not in the ledger."""

    code = "loyalty.not_in_ledger"


class HoldEnded(LedgerError):
    """A hold ends once: redeemed or released."""

    code = "loyalty.hold_ended"


class MoreThanGiven(LedgerError):
    """What is taken or given back exceeds what is left of the entry it is about."""

    code = "loyalty.more_than_given"


class BadOperation(LedgerError):
    """The operation contradicts itself or leaves out what it needs."""

    code = "loyalty.bad_operation"


class ProgrammeError(LoyaltyError):
    """`programme.toml` is not as it should be."""

    code = "loyalty.programme"


class UnboundedRule(ProgrammeError):
    """Rules of `programme.toml` could give points, rewards or money without end."""

    code = "loyalty.unbounded_rule"


class ReferralRefused(LoyaltyError):
    """A referral that could be one person playing two."""

    code = "loyalty.referral_refused"


class PackRefused(LoyaltyError):
    """A prepaid pack cannot be used, paused, skipped or left like that."""

    code = "loyalty.pack_refused"


class ReturnRefused(LoyaltyError):
    """More came back than was bought, or a line that is not on the receipt."""

    code = "loyalty.return_refused"


class ImportRefused(LoyaltyError):
    """A file of sales has bad rows, so none of it was taken in."""

    code = "loyalty.import_refused"


class SheetRefused(LoyaltyError):
    """A file of sales cannot be read as a whole."""

    code = "loyalty.sheet_refused"


class RecipeRefused(LoyaltyError):
    """The mapping of an import's columns cannot be used."""

    code = "loyalty.recipe_refused"


class NoSuchCustomer(LoyaltyError):
    """No customer has this id."""

    code = "loyalty.no_such_customer"


class CustomerRefused(LoyaltyError):
    """What is said of a customer cannot be kept; `field` names it."""

    code = "loyalty.customer_refused"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class CustomerTaken(CustomerRefused):
    """Another customer has this phone number or e-mail address."""

    code = "loyalty.customer_taken"


class KeyRefused(LoyaltyError):
    """A till's key is not known or was revoked."""

    code = "loyalty.key_refused"


class ScopeMissing(LoyaltyError):
    """A till's key does not allow this."""

    code = "loyalty.scope_missing"


class TooFast(LoyaltyError):
    """A till asks more often than it may."""

    code = "loyalty.too_fast"


class TillTaken(LoyaltyError):
    """The till has a key already."""

    code = "loyalty.till_taken"


class SubscriptionRefused(LoyaltyError):
    """A webhook's address, secret or events cannot be used."""

    code = "loyalty.subscription_refused"


class DeliveryMissing(LoyaltyError):
    """There is no such delivery to send again."""

    code = "loyalty.delivery_missing"


class CodeRefused(LoyaltyError):
    """A reward's code is misread, unknown, spent or too old."""

    code = "loyalty.code_refused"


class NoSuchPurchase(LoyaltyError):
    """No sale has this number."""

    code = "loyalty.no_such_purchase"


class PurchaseRefused(LoyaltyError):
    """A sale cannot be taken in as it is told."""

    code = "loyalty.purchase_refused"


class PurchaseReused(PurchaseRefused):
    """The number was used before, for another sale or return."""

    code = "loyalty.purchase_reused"


class ClaimRefused(LoyaltyError):
    """A receipt cannot be added to this customer's account."""

    code = "loyalty.claim_refused"


class RewardRefused(LoyaltyError):
    """A reward cannot be had, handed out or undone."""

    code = "loyalty.reward_refused"


class AdjustmentRefused(LoyaltyError):
    """A correction by hand cannot be made or decided like that."""

    code = "loyalty.adjustment_refused"


class MergeRefused(LoyaltyError):
    """Two records cannot be made one, or two again."""

    code = "loyalty.merge_refused"


class ReckoningRefused(LoyaltyError):
    """`reckoning.toml` is not as it should be."""

    code = "loyalty.reckoning"
