#!/usr/bin/env python3
"""A Flight server that does nothing but hand on what DuckDB gives it, in Arrow's own C++: as fast as Flight is on this machine, without SQL, sessions or
cancelling. What `run.py` measures Weft against besides. Prints its port.

    benches/wire/bare.py FOLDER THREADS
"""
import sys

import duckdb
import pyarrow.flight

# Rows of a batch: 8192 and 262144 were not faster.
BATCH_ROWS = 65_536


class Bare(pyarrow.flight.FlightServerBase):
    def __init__(self, folder, threads):
        super().__init__("grpc://127.0.0.1:0")
        self.database = duckdb.connect(config={"threads": threads})
        self.database.execute(f"CREATE VIEW lineitem AS SELECT * FROM read_parquet('{folder}/lineitem*.parquet')")

    def do_get(self, context, ticket):
        reader = self.database.cursor().execute(ticket.ticket.decode()).to_arrow_reader(BATCH_ROWS)
        return pyarrow.flight.RecordBatchStream(reader)


if __name__ == "__main__":
    server = Bare(sys.argv[1], int(sys.argv[2]))
    print(server.port, flush=True)
    server.serve()
