package io.datashard.duckdb;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.ResultSet;
import java.sql.SQLException;

/** DuckDB's result as JDBC has it, whose errors name the table that could not be read. */
final class JdbcRows {
  private JdbcRows() {}

  static ResultSet of(Session session) {
    ResultSet result = session.result();
    return (ResultSet)
        Proxy.newProxyInstance(
            JdbcRows.class.getClassLoader(),
            new Class<?>[] {ResultSet.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("close") && method.getParameterCount() == 0) {
                session.close();
                return null;
              }
              try {
                return method.invoke(result, arguments);
              } catch (InvocationTargetException e) {
                if (e.getCause() instanceof SQLException sql && !result.isClosed()) {
                  SqlException told = session.failure(sql);
                  Throwable cause = told.getCause();
                  throw cause == sql ? sql : new SQLException(told.getMessage(), told);
                }
                throw e.getCause();
              }
            });
  }
}
