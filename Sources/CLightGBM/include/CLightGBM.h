// The functions of LightGBM's C interface that Martlet calls, as a table that is filled when the library is opened at run time.
#ifndef CLIGHTGBM_H
#define CLIGHTGBM_H

#include <stddef.h>
#include <stdint.h>

// A data set or a booster of LightGBM's, which only its own functions look into.
typedef void *lightgbm_handle;

// The values of `data_type`, of `predict_type` and of `importance_type`, as LightGBM numbers them.
enum { lightgbm_float32 = 0, lightgbm_float64 = 1, lightgbm_int32 = 2 };
enum { lightgbm_predict_normal = 0, lightgbm_predict_raw = 1 };
enum { lightgbm_importance_split = 0, lightgbm_importance_gain = 1 };

// Every function but `last_error` returns 0, or -1 with the reason in `last_error` of the same thread.
typedef struct {
  const char *(*last_error)(void);

  int (*parameter_aliases)(int64_t capacity, int64_t *length, char *text);

  int (*dataset_from_samples)(double **values, int **rows, int32_t columns, const int *values_per_column, int32_t sample_rows,
                              int32_t local_rows, int64_t all_rows, const char *parameters, lightgbm_handle *result);
  int (*dataset_like)(lightgbm_handle reference, int64_t rows, lightgbm_handle *result);
  int (*dataset_push_rows)(lightgbm_handle dataset, const void *values, int data_type, int32_t rows, int32_t columns,
                           int32_t start_row);
  int (*dataset_subset)(lightgbm_handle dataset, const int32_t *rows, int32_t count, const char *parameters,
                        lightgbm_handle *result);
  int (*dataset_set_names)(lightgbm_handle dataset, const char **names, int count);
  int (*dataset_set_field)(lightgbm_handle dataset, const char *field, const void *values, int count, int data_type);
  int (*dataset_row_count)(lightgbm_handle dataset, int *result);
  int (*dataset_free)(lightgbm_handle dataset);

  int (*booster_create)(lightgbm_handle training, const char *parameters, lightgbm_handle *result);
  int (*booster_from_text)(const char *text, int *iterations, lightgbm_handle *result);
  int (*booster_add_validation)(lightgbm_handle booster, lightgbm_handle dataset);
  int (*booster_update)(lightgbm_handle booster, int *finished);
  int (*booster_evaluation_count)(lightgbm_handle booster, int *result);
  int (*booster_evaluate)(lightgbm_handle booster, int dataset, int *count, double *values);
  int (*booster_feature_count)(lightgbm_handle booster, int *result);
  int (*booster_feature_names)(lightgbm_handle booster, int slots, int *count, size_t slot_size, size_t *longest, char **names);
  int (*booster_to_text)(lightgbm_handle booster, int first_iteration, int iterations, int importance_type, int64_t capacity,
                         int64_t *length, char *text);
  int (*booster_importance)(lightgbm_handle booster, int iterations, int importance_type, double *values);
  int (*booster_predict)(lightgbm_handle booster, const void *values, int data_type, int32_t rows, int32_t columns,
                         int row_major, int predict_type, int first_iteration, int iterations, const char *parameters,
                         int64_t *count, double *scores);
  int (*booster_free)(lightgbm_handle booster);
} lightgbm_functions;

// Opens the library at `path` and fills `functions`. Returns 0, or -1 with the loader's reason in `reason`, cut to `capacity`
// bytes. The library stays open until the process ends: OpenMP's threads cannot be unloaded.
int lightgbm_open(const char *path, lightgbm_functions *functions, char *reason, size_t capacity);

#endif
