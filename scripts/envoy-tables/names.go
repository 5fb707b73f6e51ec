package main

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// namesJSON: every message that is not listed in full, with the names of its fields: {name: "field field ..."}.
func namesJSON(all, reached map[protoreflect.FullName]protoreflect.MessageDescriptor) string {
	var lines []string
	for _, name := range sortedNames(all) {
		if _, full := reached[name]; full {
			continue
		}
		var fields []string
		for i := 0; i < all[name].Fields().Len(); i++ {
			fields = append(fields, string(all[name].Fields().Get(i).Name()))
		}
		lines = append(lines, fmt.Sprintf("%q:%q", name, strings.Join(fields, " ")))
	}
	return "{\n" + strings.Join(lines, ",\n") + "\n}\n"
}
