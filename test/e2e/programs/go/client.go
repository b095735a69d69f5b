package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"sync"
	"syscall"
	"time"
)

type step struct {
	name string
	take func(*asker) any
}

var steps = []step{
	{"keepAlive", keepAlive},
	{"lastOfConnection", lastOfConnection},
	{"continued", continued},
	{"refusedBeforeBody", refusedBeforeBody},
	{"earlyAnswer", earlyAnswer},
	{"chunkedWithTrailers", chunkedWithTrailers},
	{"largeBothWays", largeBothWays},
	{"hints", hints},
	{"bodiless", bodiless},
	{"routeTimeout", routeTimeout},
	{"givesUp", givesUp},
	{"abortsUpload", abortsUpload},
	{"brokenOff", brokenOff},
	{"retried", retried},
	{"preflight", preflight},
	{"followed", followed},
	{"tunnelled", tunnelled},
	{"manyAtOnce", manyAtOnce},
	{"afterwards", func(a *asker) any { return a.get("/after") }},
}

// One client, as a program has it, for all steps: what a step leaves behind concerns the next.
type asker struct {
	base   string
	client *http.Client
}

func ask(base string) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil
	// Longer than any step: a 100 that does not come would be seen as a step that hangs.
	transport.ExpectContinueTimeout = 50 * time.Second
	a := &asker{base, &http.Client{Transport: transport, Timeout: 55 * time.Second}}
	said := map[string]any{}
	for _, s := range steps {
		said[s.name] = s.take(a)
	}
	json.NewEncoder(os.Stdout).Encode(said)
}

// What of an answer the test looks at.
type answer struct {
	Status int    `json:"status"`
	Body   string `json:"body,omitempty"`
	Error  string `json:"error,omitempty"`
}

func (a *asker) request(method, path string, body io.Reader) *http.Request {
	request, err := http.NewRequest(method, a.base+path, body)
	if err != nil {
		panic(err)
	}
	return request
}

func (a *asker) get(path string) answer { return a.do(a.request("GET", path, nil)) }

func (a *asker) do(request *http.Request) answer {
	response, err := a.client.Do(request)
	if err != nil {
		return answer{Error: kind(err)}
	}
	return read(response)
}

func read(response *http.Response) answer {
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{Status: response.StatusCode, Error: kind(err)}
	}
	var s seen
	if json.Unmarshal(body, &s) == nil {
		return answer{Status: response.StatusCode, Body: fmt.Sprintf("%s %s %d %s", s.Method, s.URL, s.Length, s.Framing)}
	}
	return answer{Status: response.StatusCode, Body: string(body)}
}

// The class of an error, since its words differ between versions of Go.
func kind(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "unexpected EOF"
	case errors.Is(err, syscall.ECONNRESET):
		return "reset"
	}
	return err.Error()
}

func keepAlive(a *asker) any {
	reused := 0
	for turn := 0; turn < 20; turn++ {
		trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
			if info.Reused {
				reused++
			}
		}}
		request := a.request("GET", "/keep", nil)
		a.do(request.WithContext(httptrace.WithClientTrace(request.Context(), trace)))
	}
	return reused
}

// The server's wish to close its own connection is none of the client's.
func lastOfConnection(a *asker) any {
	a.get("/last")
	reused := false
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused }}
	request := a.request("GET", "/next", nil)
	return []any{a.do(request.WithContext(httptrace.WithClientTrace(request.Context(), trace))), reused}
}

// A body that a 100 is waited for, and whether it came.
func (a *asker) expecting(path string, size int) []any {
	got100 := false
	trace := &httptrace.ClientTrace{Got100Continue: func() { got100 = true }}
	request := a.request("POST", path, bytes.NewReader(make([]byte, size)))
	request.Header.Set("Expect", "100-continue")
	return []any{a.do(request.WithContext(httptrace.WithClientTrace(request.Context(), trace))), got100}
}

func continued(a *asker) any { return a.expecting("/continued", 100_000) }

func refusedBeforeBody(a *asker) any { return a.expecting("/forbidden", 100_000) }

func earlyAnswer(a *asker) any {
	return a.do(a.request("POST", "/early", bytes.NewReader(make([]byte, 2<<20))))
}

func chunkedWithTrailers(a *asker) any {
	// A reader of no known length is sent in chunks.
	request := a.request("PUT", "/chunked", io.MultiReader(bytes.NewReader(make([]byte, 70_000)), bytes.NewReader([]byte("end"))))
	request.Trailer = http.Header{"X-Checksum": {"abc"}}
	request.Header.Set("TE", "trailers")
	response, err := a.client.Do(request)
	if err != nil {
		return kind(err)
	}
	defer response.Body.Close()
	var s seen
	json.NewDecoder(response.Body).Decode(&s)
	io.Copy(io.Discard, response.Body)
	return map[string]any{"saw": s.Trailer, "framing": s.Framing, "length": s.Length, "same": response.Trailer.Get("X-Digest") == s.SHA256}
}

func largeBothWays(a *asker) any {
	up := a.do(a.request("PUT", "/large", bytes.NewReader(make([]byte, 30<<20))))
	response, err := a.client.Do(a.request("GET", fmt.Sprintf("/bytes/%d", 30<<20), nil))
	if err != nil {
		return kind(err)
	}
	defer response.Body.Close()
	length, _ := io.Copy(io.Discard, response.Body)
	return []any{up, length}
}

func hints(a *asker) any {
	link := ""
	trace := &httptrace.ClientTrace{Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
		link = fmt.Sprint(code, " ", header.Get("Link"))
		return nil
	}}
	request := a.request("GET", "/hints", nil)
	return []any{link, a.do(request.WithContext(httptrace.WithClientTrace(request.Context(), trace)))}
}

func bodiless(a *asker) any {
	return []any{a.do(a.request("HEAD", "/bytes/1000", nil)), a.get("/empty")}
}

func routeTimeout(a *asker) any { return a.get("/never/answers") }

// A client that has its own time limit, much shorter than the route's.
func givesUp(a *asker) any {
	context, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return a.do(a.request("GET", "/never/waited", nil).WithContext(context))
}

// A body that its client breaks off half way.
func abortsUpload(a *asker) any {
	context, cancel := context.WithCancel(context.Background())
	defer cancel()
	reader, writer := io.Pipe()
	go func() {
		writer.Write(make([]byte, 200_000))
		cancel()
	}()
	return a.do(a.request("PUT", "/aborted", reader).WithContext(context))
}

func brokenOff(a *asker) any { return []any{a.get("/aborts/length"), a.get("/aborts/chunked")} }

func retried(a *asker) any {
	answers := map[string]int{}
	for turn := 0; turn < 6; turn++ {
		for _, busy := range []string{"one", "two"} {
			got := a.do(a.request("POST", "/busy/"+busy, bytes.NewReader([]byte("a body"))))
			answers[fmt.Sprint(got.Status, " ", got.Body)]++
		}
	}
	return answers
}

func preflight(a *asker) any {
	request := a.request("OPTIONS", "/cors", nil)
	request.Header.Set("Origin", "https://shop.example")
	request.Header.Set("Access-Control-Request-Method", "PUT")
	response, err := a.client.Do(request)
	if err != nil {
		return kind(err)
	}
	defer response.Body.Close()
	return []any{response.StatusCode, response.Header.Get("Access-Control-Allow-Origin"), response.Header.Get("Access-Control-Allow-Methods")}
}

// net/http follows a 307 with the same method and body.
func followed(a *asker) any {
	return a.do(a.request("POST", "/moved/on", bytes.NewReader([]byte("a body"))))
}

func tunnelled(a *asker) any {
	request := a.request("GET", "/tunnel", nil)
	request.Header.Set("Connection", "Upgrade")
	request.Header.Set("Upgrade", "lines")
	// A Client with a time limit hides that the body can be written to.
	response, err := a.client.Transport.RoundTrip(request)
	if err != nil {
		return kind(err)
	}
	stream, ok := response.Body.(io.ReadWriteCloser)
	if !ok {
		return response.Status
	}
	defer stream.Close()
	lines := bufio.NewScanner(stream)
	heard := []string{response.Header.Get("Upgrade")}
	for _, line := range []string{"first", "second", ""} {
		if lines.Scan() {
			heard = append(heard, lines.Text())
		}
		fmt.Fprintln(stream, line)
	}
	return heard
}

func manyAtOnce(a *asker) any {
	var group sync.WaitGroup
	var lock sync.Mutex
	statuses := map[string]int{}
	for worker := 0; worker < 50; worker++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for turn := 0; turn < 10; turn++ {
				got := a.get("/many")
				lock.Lock()
				statuses[fmt.Sprint(got.Status, got.Error)]++
				lock.Unlock()
			}
		}()
	}
	group.Wait()
	return statuses
}
