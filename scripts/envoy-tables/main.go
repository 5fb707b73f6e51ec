// Command envoy-tables writes what the wire format of Envoy's API consists of (names, numbers, types, limits), taken from the
// descriptors in the Go module go-control-plane/envoy, as the tables that envoy/codec reads. See README.md.
package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

func main() {
	if len(os.Args) != 3 {
		fail("usage: envoy-tables ROOTS.txt OUTPUT_FOLDER")
	}
	roots, err := readRoots(os.Args[1])
	if err != nil {
		fail("%v", err)
	}
	all := allMessages()
	reached := map[protoreflect.FullName]protoreflect.MessageDescriptor{}
	for _, root := range roots {
		message, found := all[root]
		if !found {
			fail("root %s is not a message of the module", root)
		}
		reach(message, reached)
	}
	outputs := map[string]string{
		"tables.json": tablesJSON(reached),
		"names.json":  namesJSON(all, reached),
		"messages.ts": messageTypes(reached),
	}
	for name, text := range outputs {
		if err := os.WriteFile(filepath.Join(os.Args[2], name), []byte(text), 0o644); err != nil {
			fail("%v", err)
		}
	}
	fmt.Printf("%d messages in full, %d by name only\n", len(reached), len(all)-len(reached))
}

func fail(format string, arguments ...any) {
	fmt.Fprintf(os.Stderr, "envoy-tables: "+format+"\n", arguments...)
	os.Exit(1)
}

func readRoots(path string) ([]protoreflect.FullName, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var roots []protoreflect.FullName
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		line := strings.TrimSpace(scanner.Text())
		if line != "" && !strings.HasPrefix(line, "#") {
			roots = append(roots, protoreflect.FullName(line))
		}
	}
	return roots, nil
}

// allMessages lists the messages of the packages that Envoy's API uses, without the entries of maps.
func allMessages() map[protoreflect.FullName]protoreflect.MessageDescriptor {
	all := map[protoreflect.FullName]protoreflect.MessageDescriptor{}
	var add func(list protoreflect.MessageDescriptors)
	add = func(list protoreflect.MessageDescriptors) {
		for i := 0; i < list.Len(); i++ {
			message := list.Get(i)
			if !message.IsMapEntry() {
				all[message.FullName()] = message
				add(message.Messages())
			}
		}
	}
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		name := string(file.Package())
		for _, prefix := range []string{"envoy.", "xds.", "udpa.", "google.protobuf", "google.rpc", "google.api.expr", "opentelemetry.proto."} {
			if strings.HasPrefix(name, prefix) {
				add(file.Messages())
				break
			}
		}
		return true
	})
	return all
}

func reach(message protoreflect.MessageDescriptor, reached map[protoreflect.FullName]protoreflect.MessageDescriptor) {
	if _, seen := reached[message.FullName()]; seen {
		return
	}
	reached[message.FullName()] = message
	for i := 0; i < message.Fields().Len(); i++ {
		field := message.Fields().Get(i)
		if field.IsMap() {
			field = field.MapValue()
		}
		if field.Message() != nil {
			reach(field.Message(), reached)
		}
	}
}

func sortedNames[V any](of map[protoreflect.FullName]V) []protoreflect.FullName {
	names := make([]protoreflect.FullName, 0, len(of))
	for name := range of {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool { return names[i] < names[j] })
	return names
}
