// The part of DuckDB's C API that Martlet calls, as a table of function pointers filled at run time.
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef void *martlet_duckdb_handle;

// What DuckDB calls duckdb_result: six words, of which only the last is in use. It is passed by value.
typedef struct {
  uint64_t unused[5];
  void *internal;
} martlet_duckdb_result;

// What DuckDB calls duckdb_string_t: up to 12 bytes inline, otherwise a pointer.
typedef struct {
  uint32_t length;
  char prefix[4];
  union {
    char rest[8];
    const char *pointer;
  } value;
} martlet_duckdb_string;

typedef struct {
  const char *(*library_version)(void);
  void (*free)(void *);
  int (*create_config)(martlet_duckdb_handle *);
  int (*set_config)(martlet_duckdb_handle, const char *, const char *);
  void (*destroy_config)(martlet_duckdb_handle *);
  int (*open_ext)(const char *, martlet_duckdb_handle *, martlet_duckdb_handle, char **);
  void (*close)(martlet_duckdb_handle *);
  int (*connect)(martlet_duckdb_handle, martlet_duckdb_handle *);
  void (*disconnect)(martlet_duckdb_handle *);
  int (*query)(martlet_duckdb_handle, const char *, martlet_duckdb_result *);
  int (*prepare)(martlet_duckdb_handle, const char *, martlet_duckdb_handle *);
  const char *(*prepare_error)(martlet_duckdb_handle);
  void (*destroy_prepare)(martlet_duckdb_handle *);
  int (*bind_boolean)(martlet_duckdb_handle, uint64_t, bool);
  int (*bind_int64)(martlet_duckdb_handle, uint64_t, int64_t);
  int (*bind_double)(martlet_duckdb_handle, uint64_t, double);
  int (*bind_varchar_length)(martlet_duckdb_handle, uint64_t, const char *, uint64_t);
  int (*bind_null)(martlet_duckdb_handle, uint64_t);
  int (*execute_prepared)(martlet_duckdb_handle, martlet_duckdb_result *);
  int (*execute_prepared_streaming)(martlet_duckdb_handle, martlet_duckdb_result *);
  const char *(*result_error)(martlet_duckdb_result *);
  void (*destroy_result)(martlet_duckdb_result *);
  uint64_t (*rows_changed)(martlet_duckdb_result *);
  uint64_t (*column_count)(martlet_duckdb_result *);
  const char *(*column_name)(martlet_duckdb_result *, uint64_t);
  int (*column_type)(martlet_duckdb_result *, uint64_t);
  martlet_duckdb_handle (*fetch_chunk)(martlet_duckdb_result);
  void (*destroy_data_chunk)(martlet_duckdb_handle *);
  uint64_t (*data_chunk_get_size)(martlet_duckdb_handle);
  martlet_duckdb_handle (*data_chunk_get_vector)(martlet_duckdb_handle, uint64_t);
  void *(*vector_get_data)(martlet_duckdb_handle);
  uint64_t *(*vector_get_validity)(martlet_duckdb_handle);
} martlet_duckdb_functions;

// Loads the library at `path` and fills `functions`. Returns 0, or -1 with a message in `error` (of `capacity` bytes). The library
// stays loaded until the process ends.
int martlet_duckdb_load(const char *path, martlet_duckdb_functions *functions, char *error, int capacity);

// The bytes of a string in a vector.
static inline const char *martlet_duckdb_string_bytes(const martlet_duckdb_string *string) {
  return string->length <= 12 ? string->prefix : string->value.pointer;
}

// The DuckDB of Python's wheel refers to symbols of the Python that would have imported it. This makes a small library in memory that
// defines every undefined `Py…` and `_Py…` symbol of the library at `path` as zeroed storage, and loads it globally. The C API of
// DuckDB calls none of them. Returns 0 also where nothing is needed, or -1 with a message.
int martlet_python_stand_ins(const char *path, char *error, int capacity);
