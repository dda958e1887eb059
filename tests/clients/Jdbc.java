// pgjdbc: DatabaseMetaData, parameters, portions (fetch size), cursors, savepoints, COPY, cancelling. Run as one file, with the driver's jar on the path.

import java.io.StringWriter;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Timer;
import java.util.TimerTask;
import java.util.function.Function;
import org.postgresql.PGConnection;

public class Jdbc {
    /** All rows, with these columns of each. */
    static String rows(ResultSet rows, String... columns) throws SQLException {
        StringBuilder all = new StringBuilder();
        while (rows.next()) {
            StringBuilder row = new StringBuilder();
            for (String column : columns) row.append(row.length() == 0 ? "" : " ").append(rows.getString(column));
            all.append(all.length() == 0 ? "" : ", ").append(row);
        }
        return all.toString();
    }

    static void is(Object found, Object expected) {
        if (!expected.equals(found)) throw new AssertionError("expected " + expected + ", found " + found);
    }

    static String state(Statement statement, String sql) {
        try {
            statement.executeQuery(sql);
            return "no error";
        } catch (SQLException error) {
            return error.getSQLState();
        }
    }

    public static void main(String[] arguments) throws Exception {
        Function<String, String> env = System::getenv;
        String url = "jdbc:postgresql://" + env.apply("PGHOST") + ":" + env.apply("PGPORT") + "/" + env.apply("PGDATABASE");
        Connection connection = DriverManager.getConnection(url, env.apply("PGUSER"), env.apply("PGPASSWORD"));

        DatabaseMetaData meta = connection.getMetaData();
        is(meta.getDatabaseProductName(), "PostgreSQL");
        is(rows(meta.getCatalogs(), "TABLE_CAT"), env.apply("PGDATABASE"));
        is(rows(meta.getTables(null, "shop", "%", new String[] {"TABLE", "VIEW"}), "TABLE_NAME", "TABLE_TYPE", "REMARKS"),
            "customers TABLE null, orders TABLE What was ordered, totals VIEW null");
        is(rows(meta.getColumns(null, "shop", "orders", "%"), "COLUMN_NAME", "TYPE_NAME", "IS_NULLABLE"),
            "id int8 NO, customer_id int4 NO, amount numeric YES, note text YES, placed date YES, tags _text YES");
        is(rows(meta.getPrimaryKeys(null, "shop", "orders"), "COLUMN_NAME", "PK_NAME"), "id orders_pkey");
        String key = "customers id orders customer_id";
        String[] ends = {"PKTABLE_NAME", "PKCOLUMN_NAME", "FKTABLE_NAME", "FKCOLUMN_NAME"};
        is(rows(meta.getImportedKeys(null, "shop", "orders"), ends), key);
        is(rows(meta.getExportedKeys(null, "shop", "customers"), ends), key);
        is(rows(meta.getIndexInfo(null, "shop", "orders", false, false), "INDEX_NAME", "COLUMN_NAME", "NON_UNIQUE"),
            "orders_pkey id f, orders_placed customer_id t, orders_placed placed t");
        if (meta.getTypeInfo().next() == false) throw new AssertionError("no types");
        is(rows(meta.getFunctions(null, "pg_catalog", "upper"), "FUNCTION_NAME"), "upper");

        // Eight times, so that the driver prepares it on the server and asks for binary.
        PreparedStatement byId = connection.prepareStatement("SELECT id, amount FROM shop.orders WHERE id = ? AND placed > ?");
        for (int i = 1; i <= 8; i++) {
            byId.setLong(1, i);
            byId.setDate(2, java.sql.Date.valueOf("2023-01-01"));
            is(rows(byId.executeQuery(), "id"), String.valueOf(i));
        }
        PreparedStatement any = connection.prepareStatement("SELECT count(*) AS n FROM shop.orders WHERE id = ANY(?)");
        any.setArray(1, connection.createArrayOf("bigint", new Long[] {1L, 2L}));
        is(rows(any.executeQuery(), "n"), "2");
        ResultSet tags = connection.createStatement().executeQuery("SELECT tags FROM shop.orders WHERE id = 1");
        tags.next();
        Array array = tags.getArray(1);
        is(Arrays.toString((Object[]) array.getArray()), "[a, b,1]");

        connection.setAutoCommit(false);
        Statement portions = connection.createStatement();
        portions.setFetchSize(500);
        ResultSet all = portions.executeQuery("SELECT id FROM shop.orders");
        long sum = 0;
        while (all.next()) sum += all.getLong(1);
        is(sum, 50005000L);
        Statement statement = connection.createStatement();
        statement.execute("DECLARE c CURSOR FOR SELECT id FROM shop.orders ORDER BY id");
        is(rows(statement.executeQuery("FETCH 3 FROM c"), "id"), "1, 2, 3");
        Savepoint savepoint = connection.setSavepoint();
        is(state(statement, "SELECT 1 / 0"), "22012");
        connection.rollback(savepoint);
        is(rows(statement.executeQuery("FETCH 1 FROM c"), "id"), "4");
        connection.commit();
        is(state(statement, "FETCH 1 FROM c"), "34000");
        connection.rollback();
        connection.setReadOnly(true);
        is(rows(statement.executeQuery("SHOW transaction_read_only"), "transaction_read_only"), "on");
        connection.commit();
        connection.setReadOnly(false);
        connection.setAutoCommit(true);

        StringWriter out = new StringWriter();
        is(connection.unwrap(PGConnection.class).getCopyAPI().copyOut("COPY shop.customers TO STDOUT", out), 100L);
        connection.setSchema("shop");
        is(connection.getSchema(), "shop");
        String large = "SELECT count(*) FROM orders a, orders b, orders c";
        new Timer(true).schedule(new TimerTask() {
            @Override
            public void run() {
                try {
                    statement.cancel();
                } catch (SQLException error) {
                    error.printStackTrace();
                }
            }
        }, 700);
        is(state(statement, large), "57014");
        statement.setQueryTimeout(1);
        is(state(statement, large), "57014");
        System.out.println("ok: metadata, parameters, portions, cursors, savepoints, COPY, cancel");
    }
}
