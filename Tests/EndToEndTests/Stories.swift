// The stories that the example must live through. They run one after another: each starts processes that use both cores.

import Testing

@Suite(.serialized, .timeLimit(.minutes(5))) enum Stories {}
