// A rival: the same server in Go, a goroutine for each connection, with the parsing of examples/http.h by hand.
// -nethttp serves the same reply by net/http instead (its replies carry a Date header).
package main

import (
	"bytes"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

const bufferSize = 2048

const (
	ok = iota
	notFound
	bad
	tooLarge
)

var statuses = []string{"200 OK", "404 Not Found", "400 Bad Request", "431 Request Header Fields Too Large"}

type reply struct {
	bytes  []byte // copies equal replies back to back, so that one write answers several pipelined requests
	size   int
	copies int
}

var replies [4][2]*reply

func makeReplies(body int) []byte {
	text := make([]byte, body)
	for i := range text {
		text[i] = byte('a' + i%26)
	}
	for kind, status := range statuses {
		for closing := 0; closing < 2; closing++ {
			var content []byte
			var connection string
			if kind == ok {
				content = text
			}
			if closing == 1 {
				connection = "Connection: close\r\n"
			}
			one := append([]byte(fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n%s\r\n",
				status, len(content), connection)), content...)
			r := &reply{size: len(one), copies: 1}
			if r.size < 4096 && closing == 0 {
				r.copies = 16
			}
			r.bytes = bytes.Repeat(one, r.copies)
			replies[kind][closing] = r
		}
	}
	return text
}

var endOfHeader = []byte("\r\n\r\n")
var getRoot = []byte("GET /")
var version = []byte(" HTTP/1.")
var nameConnection = []byte("Connection")
var nameLength = []byte("Content-Length")
var nameEncoding = []byte("Transfer-Encoding")
var valueClose = []byte("close")

func fieldIs(line, name []byte) bool {
	return len(line) > len(name) && line[len(name)] == ':' && bytes.EqualFold(line[:len(name)], name)
}

func parse(buf []byte) (length, kind, closing int) {
	last := bytes.Index(buf, endOfHeader)
	if last < 0 {
		if len(buf) < bufferSize {
			return 0, tooLarge, 0
		}
		return len(buf), tooLarge, 0
	}
	length = last + 4
	header := buf[:last]
	line := header
	end := bytes.IndexByte(header, '\r')
	if end >= 0 {
		line = header[:end]
	}
	n := len(line)
	if n < 14 || !bytes.Equal(line[:5], getRoot) || !bytes.Equal(line[n-9:n-1], version) {
		return length, bad, 0
	}
	kind = notFound
	if n == 14 {
		kind = ok
	}
	if line[n-1] == '0' {
		closing = 1
	}
	for end >= 0 {
		header = header[end+2:]
		end = bytes.IndexByte(header, '\r')
		line = header
		if end >= 0 {
			line = header[:end]
		}
		if fieldIs(line, nameConnection) {
			value := bytes.TrimLeft(line[11:], " ")
			if len(value) >= 5 && bytes.EqualFold(value[:5], valueClose) {
				closing = 1
			}
		} else if fieldIs(line, nameLength) || fieldIs(line, nameEncoding) {
			kind = bad
		}
	}
	return length, kind, closing
}

func serve(conn net.Conn) {
	defer conn.Close()
	buf := make([]byte, bufferSize)
	have := 0
	for {
		got, err := conn.Read(buf[have:])
		if err != nil {
			return
		}
		have += got
		used := 0
		for used < have {
			var r *reply
			size := 0
			closing := 0
			for used < have && closing == 0 {
				length, kind, c := parse(buf[used:have])
				if length == 0 {
					break
				}
				if kind == bad || kind == tooLarge {
					c = 1
				}
				next := replies[kind][c]
				if r != nil && (r != next || size == r.size*r.copies) {
					break
				}
				r = next
				used += length
				size += r.size
				closing = c
			}
			if size == 0 {
				break
			}
			if _, err := conn.Write(r.bytes[:size]); err != nil || closing == 1 {
				return
			}
		}
		copy(buf, buf[used:have])
		have -= used
	}
}

func main() {
	body := flag.Int("b", 13, "body bytes")
	useHTTP := flag.Bool("nethttp", false, "serve by net/http")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: go_server [-b BODY_BYTES] [-nethttp] PORT")
		os.Exit(2)
	}
	var files syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files) == nil {
		files.Cur = files.Max
		syscall.Setrlimit(syscall.RLIMIT_NOFILE, &files)
	}
	text := makeReplies(*body)
	listener, err := net.Listen("tcp4", "127.0.0.1:"+flag.Arg(0))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-stop
		os.Exit(0)
	}()
	fmt.Printf("listening on %d\n", listener.Addr().(*net.TCPAddr).Port)
	if *useHTTP {
		length := strconv.Itoa(*body)
		http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			w.Header().Set("Content-Length", length)
			w.Write(text)
		}))
		return
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			time.Sleep(10 * time.Millisecond) // out of fds: until some close
			continue
		}
		go serve(conn)
	}
}
