// BuiltinTasks
