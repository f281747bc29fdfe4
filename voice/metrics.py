"""What is counted at the provider's door."""

from prometheus_client import Histogram

WEBHOOKS = Histogram(
    "ringpath_webhook_seconds",
    "Time to answer a webhook, by place",
    ["place"],
    buckets=(0.001, 0.002, 0.003, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
)
