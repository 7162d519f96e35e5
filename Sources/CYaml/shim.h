// libyaml, the parser of YAML that most languages use. Package.swift says how it is linked.
#include <yaml.h>
