"""moto's server, with a DynamoDB that many may write to at once.

moto copies a whole table before each transaction, in case that it has to be rolled back, and does nothing against
another one at that time: the copy fails with HTTP 500 when the table grows meanwhile, a roll-back takes the other's
writes away, too, and a run of hundreds of tasks waits for nothing but copies.

usage: table_server.py FLAGS_OF_moto_server...
"""

import copy
import sys
import threading

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table
from moto.server import main

ONE_AT_A_TIME = threading.RLock()


def copy_for_roll_back(table, memo):
    """Lines of a story are put and never changed: the copy may share them."""
    twin = copy.copy(table)
    twin.items = copy.copy(table.items)
    for key, items in table.items.items():
        twin.items[key] = {name: item if name.value.startswith("entry#") else copy.deepcopy(item, memo)
                           for name, item in items.items()}
    return twin


def serialised(method):
    def call(*arguments, **named):
        with ONE_AT_A_TIME:
            return method(*arguments, **named)
    return call


Table.__deepcopy__ = copy_for_roll_back
for operation in ("transact_write_items", "get_item", "query"):
    setattr(DynamoDBBackend, operation, serialised(getattr(DynamoDBBackend, operation)))

if __name__ == "__main__":
    main(sys.argv[1:])
