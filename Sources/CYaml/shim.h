// libyaml, the YAML parser of most languages. Package.swift tells how it is linked.
#include <yaml.h>
