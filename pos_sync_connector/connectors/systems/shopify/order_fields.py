"""What is asked of an order. Lists without a limit are whole; of the others more is read where there is more."""


def _list(name: str, first: int, fields: str) -> str:
    return f"{name}(first: {first}) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {fields} }} }}"


SHOP = "shopMoney { amount }"
TAXES = f"taxLines {{ title rate ratePercentage channelLiable priceSet {{ {SHOP} }} }}"
_ADDRESS = "firstName lastName company address1 address2 city zip provinceCode countryCodeV2 phone"
LINE = f"""
  id name title variantTitle sku quantity currentQuantity isGiftCard taxable customAttributes {{ key value }}
  product {{ id }} variant {{ id }} lineItemGroup {{ id title quantity variantId }}
  originalUnitPriceSet {{ {SHOP} }}
  discountAllocations {{ allocatedAmountSet {{ {SHOP} }} }}
  duties {{ id price {{ {SHOP} }} {TAXES} }}
  {TAXES}
"""
PARCEL_LINE = "quantity lineItem { id }"
PARCELS = f"""
  fulfillments {{ id status displayStatus createdAt updatedAt trackingInfo(first: 10) {{ company number url }}
    {_list("fulfillmentLineItems", 20, PARCEL_LINE)} }}
"""
STATUS = f"""
  id name createdAt processedAt updatedAt closedAt cancelledAt cancelReason test
  sourceIdentifier customAttributes {{ key value }}
  displayFinancialStatus displayFulfillmentStatus {PARCELS}
"""
TRANSACTION = f"""
  id kind status gateway formattedGateway processedAt createdAt amountSet {{ {SHOP} }}
  amountRoundingSet {{ {SHOP} }} parentTransaction {{ id }}
"""
SHIPPING = f"""
  id title isRemoved originalPriceSet {{ {SHOP} }} discountAllocations {{ allocatedAmountSet {{ {SHOP} }} }} {TAXES}
"""
_BUYER = f"""
  purchasingEntity {{ ... on PurchasingCompany {{
    company {{ id name }} contact {{ customer {{ firstName lastName }} }}
    location {{ id name phone taxRegistrationId billingAddress {{
      firstName lastName companyName address1 address2 city zip zoneCode countryCode phone }} }} }} }}
  billingAddress {{ {_ADDRESS} }} shippingAddress {{ {_ADDRESS} }}
  localizedFields(first: 10) {{ nodes {{ key value }} }}
"""
PAYMENT_TERMS = " paymentTerms { paymentTermsName } "
ORDER = f"""
  {STATUS}
  sourceName currencyCode presentmentCurrencyCode taxesIncluded dutiesIncluded note email phone poNumber
  tags discountCodes risk {{ recommendation }}
  customer {{ id }} retailLocation {{ id }} {_BUYER}
  totalPriceSet {{ shopMoney {{ amount }} presentmentMoney {{ amount currencyCode }} }}
  originalTotalPriceSet {{ {SHOP} }}
  totalTaxSet {{ {SHOP} }} totalDiscountsSet {{ {SHOP} }} totalTipReceivedSet {{ {SHOP} }}
  totalRefundedSet {{ {SHOP} }}
  additionalFees {{ id name price {{ {SHOP} }} {TAXES} }}
  {TAXES}
  {_list("shippingLines", 5, SHIPPING)}
  transactions {{ {TRANSACTION} }}
  {_list("lineItems", 50, LINE)}
"""
_BACK = f"""
  quantity restockType subtotalSet {{ {SHOP} }} totalTaxSet {{ {SHOP} }}
  lineItem {{ id name title isGiftCard product {{ id }} variant {{ id }} }}
"""
_SHIPPED = f"""
  shippingLine {{ id title }} subtotalAmountSet {{ {SHOP} }} taxAmountSet {{ {SHOP} }}
"""
_ADJUSTMENT = f"id reason amountSet {{ {SHOP} }} taxAmountSet {{ {SHOP} }}"
# The lists of a refund, of which there may be more than an answer gives.
OF_A_REFUND = {
    "refundLineItems": _BACK,
    "refundShippingLines": _SHIPPED,
    "orderAdjustments": _ADJUSTMENT,
    "transactions": TRANSACTION,
}
REFUNDS = f"""
  id name currencyCode taxesIncluded cancelledAt updatedAt processedAt returnStatus retailLocation {{ id }}
  totalPriceSet {{ {SHOP} }} totalTipReceivedSet {{ {SHOP} }}
  transactions {{ id kind status amountSet {{ {SHOP} }} }}
  refunds {{
    id createdAt processedAt updatedAt note totalRefundedSet {{ {SHOP} }} return {{ id }}
    duties {{ amountSet {{ {SHOP} }} originalDuty {{ id }} }}
    {_list("refundLineItems", 20, _BACK)}
    {_list("refundShippingLines", 5, _SHIPPED)}
    {_list("orderAdjustments", 5, _ADJUSTMENT)}
    {_list("transactions", 5, TRANSACTION)}
  }}
"""
