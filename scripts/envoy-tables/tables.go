package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/envoyproxy/go-control-plane/envoy/annotations"
	"github.com/envoyproxy/protoc-gen-validate/validate"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// tablesJSON: {"messages": {name: "field|field|..."}, "enums": {name: "NAME=number ..."}, "rules": {name: {field: rules}},
// "oneofs": {name: "required oneofs"}}. A field is `name number type flag...`; the grammar stands in README.md.
func tablesJSON(reached map[protoreflect.FullName]protoreflect.MessageDescriptor) string {
	enums := map[protoreflect.FullName]protoreflect.EnumDescriptor{}
	var messages, rules, oneofs, enumLines []string
	for _, name := range sortedNames(reached) {
		message := reached[name]
		var fields, fieldRules, required []string
		for i := 0; i < message.Fields().Len(); i++ {
			field := message.Fields().Get(i)
			fields = append(fields, fieldEntry(field))
			if text := fieldRule(field); text != "" {
				fieldRules = append(fieldRules, fmt.Sprintf("%q:%s", field.Name(), text))
			}
			for _, part := range []protoreflect.FieldDescriptor{field, field.MapValue()} {
				if part != nil && part.Enum() != nil {
					enums[part.Enum().FullName()] = part.Enum()
				}
			}
		}
		for i := 0; i < message.Oneofs().Len(); i++ {
			oneof := message.Oneofs().Get(i)
			if is, ok := proto.GetExtension(oneof.Options(), validate.E_Required).(bool); ok && is {
				required = append(required, string(oneof.Name()))
			}
		}
		messages = append(messages, fmt.Sprintf("%q:%q", name, strings.Join(fields, "|")))
		if len(fieldRules) > 0 {
			rules = append(rules, fmt.Sprintf("%q:{%s}", name, strings.Join(fieldRules, ",")))
		}
		if len(required) > 0 {
			oneofs = append(oneofs, fmt.Sprintf("%q:%q", name, strings.Join(required, " ")))
		}
	}
	for _, name := range sortedNames(enums) {
		var values []string
		for i := 0; i < enums[name].Values().Len(); i++ {
			value := enums[name].Values().Get(i)
			entry := fmt.Sprintf("%s=%d", value.Name(), value.Number())
			if is, ok := proto.GetExtension(value.Options(), annotations.E_DisallowedByDefaultEnum).(bool); ok && is {
				entry += "!"
			}
			values = append(values, entry)
		}
		enumLines = append(enumLines, fmt.Sprintf("%q:%q", name, strings.Join(values, " ")))
	}
	section := func(name string, lines []string) string {
		return fmt.Sprintf("%q:{\n%s\n}", name, strings.Join(lines, ",\n"))
	}
	text := "{\n" + strings.Join([]string{
		section("messages", messages), section("enums", enumLines), section("rules", rules), section("oneofs", oneofs),
	}, ",\n") + "\n}\n"
	if !json.Valid([]byte(text)) {
		fail("tables.json is not JSON")
	}
	return text
}

func fieldEntry(field protoreflect.FieldDescriptor) string {
	parts := []string{string(field.Name()), fmt.Sprint(field.Number()), fieldType(field)}
	if field.Kind() == protoreflect.GroupKind {
		fail("%s is a group", field.FullName())
	}
	if oneof := field.ContainingOneof(); oneof != nil && !oneof.IsSynthetic() {
		parts = append(parts, "of="+string(oneof.Name()))
	} else if field.HasPresence() && field.Message() == nil {
		parts = append(parts, "optional")
	}
	if field.IsList() && field.Message() == nil && field.Kind() != protoreflect.StringKind &&
		field.Kind() != protoreflect.BytesKind && !field.IsPacked() {
		parts = append(parts, "unpacked")
	}
	if is, ok := proto.GetExtension(field.Options(), annotations.E_DisallowedByDefault).(bool); ok && is {
		parts = append(parts, "disallowed")
	}
	if field.JSONName() != lowerCamel(string(field.Name())) {
		fail("%s has the JSON name %s", field.FullName(), field.JSONName())
	}
	return strings.Join(parts, " ")
}

func fieldType(field protoreflect.FieldDescriptor) string {
	if field.IsMap() {
		return "{" + field.MapKey().Kind().String() + "}" + valueType(field.MapValue())
	}
	if field.IsList() {
		return "[]" + valueType(field)
	}
	return valueType(field)
}

func valueType(field protoreflect.FieldDescriptor) string {
	if field.Message() != nil {
		return string(field.Message().FullName())
	}
	if field.Enum() != nil {
		return "enum:" + string(field.Enum().FullName())
	}
	return field.Kind().String()
}

// fieldRule is the field's protoc-gen-validate rule as JSON with sorted keys, "" without one.
func fieldRule(field protoreflect.FieldDescriptor) string {
	rules, ok := proto.GetExtension(field.Options(), validate.E_Rules).(*validate.FieldRules)
	if !ok || rules == nil {
		return ""
	}
	raw, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(rules)
	if err != nil {
		fail("%s: %v", field.FullName(), err)
	}
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		fail("%s: %v", field.FullName(), err)
	}
	text, err := json.Marshal(value)
	if err != nil {
		fail("%s: %v", field.FullName(), err)
	}
	return string(text)
}

func lowerCamel(name string) string {
	var out strings.Builder
	up := false
	for _, char := range name {
		switch {
		case char == '_':
			up = true
		case up:
			out.WriteString(strings.ToUpper(string(char)))
			up = false
		default:
			out.WriteRune(char)
		}
	}
	return out.String()
}
