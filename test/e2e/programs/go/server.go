package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

func serve(name, port string) {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { echo(name, w, r) })
	// An answer before the body is read, after which net/http closes a connection that has much to come.
	mux.HandleFunc("/early", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
	})
	// Says that it goes on by a 100, because it reads; unless asked to refuse.
	mux.HandleFunc("/forbidden", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusForbidden) })
	mux.HandleFunc("/hints", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		fmt.Fprint(w, "whole")
	})
	mux.HandleFunc("/empty", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("/last", func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Connection", "close") })
	mux.HandleFunc("/bytes/", func(w http.ResponseWriter, r *http.Request) {
		count, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/bytes/"))
		chunk := make([]byte, 64<<10)
		for ; count > 0; count -= len(chunk) {
			w.Write(chunk[:min(count, len(chunk))])
		}
	})
	// A response that ends before it is whole: of a length, or chunked.
	mux.HandleFunc("/aborts/", func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "length") {
			w.Header().Set("Content-Length", "100000")
		}
		w.Write(make([]byte, 1000))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	mux.HandleFunc("/never/", func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
		fmt.Println("given up", r.URL.Path)
	})
	mux.HandleFunc("/busy/", func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, name) {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		echo(name, w, r)
	})
	mux.HandleFunc("/tunnel", tunnel)
	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening")
	server := http.Server{Handler: mux, ErrorLog: log.New(os.Stderr, "", 0)}
	log.Fatal(server.Serve(listener))
}

type seen struct {
	Name    string            `json:"name"`
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Length  int64             `json:"length"`
	Framing string            `json:"framing"`
	SHA256  string            `json:"sha256"`
	Trailer map[string]string `json:"trailer,omitempty"`
}

// Answers with what it saw, and says the digest of the body again in a trailer where the client takes those.
func echo(name string, w http.ResponseWriter, r *http.Request) {
	digest := sha256.New()
	length, err := io.Copy(digest, r.Body)
	if err != nil {
		fmt.Println("body broke off", r.URL.Path)
		return
	}
	answer := seen{Name: name, Method: r.Method, URL: r.RequestURI, Length: length, Framing: "none"}
	answer.SHA256 = fmt.Sprintf("%x", digest.Sum(nil))[:8]
	if len(r.TransferEncoding) > 0 {
		answer.Framing = strings.Join(r.TransferEncoding, ",")
	} else if r.ContentLength > 0 {
		answer.Framing = "length"
	}
	for field := range r.Trailer {
		if answer.Trailer == nil {
			answer.Trailer = map[string]string{}
		}
		answer.Trailer[field] = r.Trailer.Get(field)
	}
	w.Header().Set("Trailer", "X-Digest")
	json.NewEncoder(w).Encode(answer)
	w.Header().Set("X-Digest", answer.SHA256)
}

// Upgrades to a protocol of its own, which sends back what it gets, line by line.
func tunnel(w http.ResponseWriter, r *http.Request) {
	connection, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(time.Minute))
	fmt.Fprintf(connection, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: %s\r\n\r\nhello\n", r.Header.Get("Upgrade"))
	lines := bufio.NewScanner(buffered)
	for lines.Scan() {
		fmt.Fprintln(connection, lines.Text())
	}
}
