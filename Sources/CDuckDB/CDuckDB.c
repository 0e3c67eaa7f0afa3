// Loads DuckDB at run time: dlopen, then one dlsym for each function of the table.
#include "CDuckDB.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static int resolve(void *library, const char *name, void **slot, char *error, int capacity) {
  *slot = dlsym(library, name);
  if (*slot != NULL) return 0;
  snprintf(error, (size_t)capacity, "the library has no function %s", name);
  return -1;
}

int martlet_duckdb_load(const char *path, martlet_duckdb_functions *functions, char *error, int capacity) {
  if (martlet_python_stand_ins(path, error, capacity) != 0) return -1;
  void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
  if (library == NULL) {
    snprintf(error, (size_t)capacity, "%s", dlerror());
    return -1;
  }
#define FUNCTION(name) \
  if (resolve(library, "duckdb_" #name, (void **)&functions->name, error, capacity) != 0) return -1;
  FUNCTION(library_version)
  FUNCTION(free)
  FUNCTION(create_config)
  FUNCTION(set_config)
  FUNCTION(destroy_config)
  FUNCTION(open_ext)
  FUNCTION(close)
  FUNCTION(connect)
  FUNCTION(disconnect)
  FUNCTION(query)
  FUNCTION(prepare)
  FUNCTION(prepare_error)
  FUNCTION(destroy_prepare)
  FUNCTION(bind_boolean)
  FUNCTION(bind_int64)
  FUNCTION(bind_double)
  FUNCTION(bind_varchar_length)
  FUNCTION(bind_null)
  FUNCTION(execute_prepared)
  FUNCTION(execute_prepared_streaming)
  FUNCTION(result_error)
  FUNCTION(destroy_result)
  FUNCTION(rows_changed)
  FUNCTION(column_count)
  FUNCTION(column_name)
  FUNCTION(column_type)
  FUNCTION(fetch_chunk)
  FUNCTION(destroy_data_chunk)
  FUNCTION(data_chunk_get_size)
  FUNCTION(data_chunk_get_vector)
  FUNCTION(vector_get_data)
  FUNCTION(vector_get_validity)
#undef FUNCTION
  return 0;
}
