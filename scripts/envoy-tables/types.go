package main

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// How the codec holds the messages that have a form of their own in JSON.
var plainForms = map[protoreflect.FullName]string{
	"google.protobuf.Any":         "AnyMessage",
	"google.protobuf.Struct":      "JsonObject",
	"google.protobuf.Value":       "JsonValue",
	"google.protobuf.ListValue":   "readonly JsonValue[]",
	"google.protobuf.BoolValue":   "boolean",
	"google.protobuf.BytesValue":  "Uint8Array",
	"google.protobuf.StringValue": "string",
	"google.protobuf.DoubleValue": "number",
	"google.protobuf.FloatValue":  "number",
	"google.protobuf.Int32Value":  "number",
	"google.protobuf.UInt32Value": "number",
	"google.protobuf.Int64Value":  "number | bigint",
	"google.protobuf.UInt64Value": "number | bigint",
}

// messageTypes writes the TypeScript type of each message listed in full, as the codec holds it.
func messageTypes(reached map[protoreflect.FullName]protoreflect.MessageDescriptor) string {
	enums := map[protoreflect.FullName]protoreflect.EnumDescriptor{}
	var out strings.Builder
	out.WriteString("// Made by scripts/envoy-tables: do not edit. The types of Envoy's messages as envoy/codec holds them.\n")
	out.WriteString("import type { AnyMessage, JsonObject, JsonValue } from '../message.ts';\n\n")
	out.WriteString("export interface Messages {\n")
	for _, name := range sortedNames(reached) {
		if form, special := plainForms[name]; special {
			fmt.Fprintf(&out, "  '%s': %s;\n", name, form)
			continue
		}
		message := reached[name]
		fmt.Fprintf(&out, "  '%s': {\n", name)
		for i := 0; i < message.Fields().Len(); i++ {
			field := message.Fields().Get(i)
			fmt.Fprintf(&out, "    readonly %s?: %s | undefined;\n", field.Name(), typeOf(field, enums))
		}
		out.WriteString("  };\n")
	}
	out.WriteString("}\n\nexport interface Enums {\n")
	for _, name := range sortedNames(enums) {
		var values []string
		for i := 0; i < enums[name].Values().Len(); i++ {
			values = append(values, fmt.Sprintf("'%s'", enums[name].Values().Get(i).Name()))
		}
		fmt.Fprintf(&out, "  '%s': %s;\n", name, strings.Join(values, " | "))
	}
	out.WriteString("}\n")
	return out.String()
}

func typeOf(field protoreflect.FieldDescriptor, enums map[protoreflect.FullName]protoreflect.EnumDescriptor) string {
	if field.IsMap() {
		return fmt.Sprintf("ReadonlyMap<%s, %s>", scalarType(field.MapKey(), enums), scalarType(field.MapValue(), enums))
	}
	if field.IsList() {
		return "readonly (" + scalarType(field, enums) + ")[]"
	}
	return scalarType(field, enums)
}

func scalarType(field protoreflect.FieldDescriptor, enums map[protoreflect.FullName]protoreflect.EnumDescriptor) string {
	switch field.Kind() {
	case protoreflect.MessageKind:
		return fmt.Sprintf("Messages['%s']", field.Message().FullName())
	case protoreflect.EnumKind:
		enums[field.Enum().FullName()] = field.Enum()
		return fmt.Sprintf("Enums['%s']", field.Enum().FullName())
	case protoreflect.StringKind:
		return "string"
	case protoreflect.BytesKind:
		return "Uint8Array"
	case protoreflect.BoolKind:
		return "boolean"
	case protoreflect.Int64Kind, protoreflect.Uint64Kind, protoreflect.Sint64Kind, protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		return "number | bigint"
	default:
		return "number"
	}
}
