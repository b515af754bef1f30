"""What is asked of an order. Lists without a limit are whole; of the others more is read where there is more."""

SHOP = "shopMoney { amount }"
TAXES = f"taxLines {{ title rate ratePercentage priceSet {{ {SHOP} }} }}"
_ADDRESS = "firstName lastName company address1 address2 city zip provinceCode countryCodeV2 phone"
LINE = f"""
  id name title variantTitle sku quantity currentQuantity isGiftCard taxable
  product {{ id }} variant {{ id }} lineItemGroup {{ id title quantity variantId }}
  originalUnitPriceSet {{ {SHOP} }}
  discountAllocations {{ allocatedAmountSet {{ {SHOP} }} }}
  duties {{ id price {{ {SHOP} }} {TAXES} }}
  {TAXES}
"""
PARCEL_LINE = "quantity lineItem { id }"
PARCELS = f"""
  fulfillments {{ id status displayStatus createdAt updatedAt trackingInfo(first: 1) {{ company number url }}
    fulfillmentLineItems(first: 5) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {PARCEL_LINE} }} }} }}
"""
STATUS = f"""
  id name createdAt processedAt updatedAt closedAt cancelledAt cancelReason test
  sourceIdentifier customAttributes {{ key value }}
  displayFinancialStatus displayFulfillmentStatus {PARCELS}
"""
TRANSACTION = f"""
  id kind status gateway formattedGateway processedAt createdAt amountSet {{ {SHOP} }} parentTransaction {{ id }}
"""
SHIPPING = f"""
  id title isRemoved originalPriceSet {{ {SHOP} }} discountAllocations {{ allocatedAmountSet {{ {SHOP} }} }} {TAXES}
"""
ORDER = f"""
  {STATUS}
  sourceName currencyCode presentmentCurrencyCode taxesIncluded dutiesIncluded note tags
  customer {{ id }} retailLocation {{ id }} shippingAddress {{ {_ADDRESS} }}
  totalPriceSet {{ shopMoney {{ amount }} presentmentMoney {{ amount currencyCode }} }}
  totalTaxSet {{ {SHOP} }} totalDiscountsSet {{ {SHOP} }} totalTipReceivedSet {{ {SHOP} }}
  totalRefundedSet {{ {SHOP} }} totalCashRoundingAdjustment {{ paymentSet {{ {SHOP} }} }}
  additionalFees {{ id name price {{ {SHOP} }} {TAXES} }}
  {TAXES}
  shippingLines(first: 2) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {SHIPPING} }} }}
  transactions {{ {TRANSACTION} }}
  lineItems(first: 5) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {LINE} }} }}
"""
BACK = f"""
  quantity restockType subtotalSet {{ {SHOP} }} totalTaxSet {{ {SHOP} }}
  lineItem {{ id name variant {{ id }} }}
"""
REFUNDS = f"""
  id name currencyCode taxesIncluded cancelledAt updatedAt processedAt returnStatus retailLocation {{ id }}
  refunds {{
    id createdAt processedAt updatedAt note totalRefundedSet {{ {SHOP} }}
    refundLineItems(first: 5) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {BACK} }} }}
    refundShippingLines(first: 2) {{ nodes {{ subtotalAmountSet {{ {SHOP} }} taxAmountSet {{ {SHOP} }} }} }}
    orderAdjustments(first: 2) {{ nodes {{ id amountSet {{ {SHOP} }} }} }}
    transactions(first: 5) {{ nodes {{ {TRANSACTION} }} }}
  }}
"""
