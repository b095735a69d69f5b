// Command real is a client and a server on Go's net/http, for the tests that ask a mesh what programs in Go ask of it:
//
//	real server <name> <port>
//	real client <http://address>
//
// The server prints `listening`. The client takes one step after another and prints what came of each as one JSON
// object; it decides nothing, since what is right stands in the test.
package main

import (
	"fmt"
	"os"
)

func main() {
	args := append(os.Args[1:], "", "")
	switch args[0] {
	case "server":
		serve(args[1], args[2])
	case "client":
		ask(args[1])
	default:
		fmt.Fprintln(os.Stderr, "real server <name> <port> | real client <url>")
		os.Exit(2)
	}
}
