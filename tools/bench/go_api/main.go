// The yardstick of tools/bench/api/api.c: the same work in Go. Prints "name ns", ns per operation.
//
// usage: go_api NAME N
package main

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"
)

// What one call of a benchmark does n times.
type bench func(n int)

func pingpong(n int) {
	a, b := make(chan int), make(chan int)
	go func() {
		for v := range a {
			b <- v
		}
		close(b)
	}()
	for i := 0; i < n; i++ {
		a <- i
		<-b
	}
	close(a)
	<-b
}

func buffered(size int) bench {
	return func(n int) {
		c := make(chan int, size)
		go func() {
			for i := 0; i < n; i++ {
				c <- i
			}
			close(c)
		}()
		sum := 0
		for v := range c {
			sum += v
		}
		if sum != n*(n-1)/2 {
			panic("sum")
		}
	}
}

const producers = 1000

func fanin(n int) {
	c := make(chan int)
	each := n/producers + 1
	for i := 0; i < producers; i++ {
		go func() {
			for j := 0; j < each; j++ {
				c <- j
			}
		}()
	}
	for i := 0; i < producers*each; i++ {
		<-c
	}
}

func select2(n int) {
	a, b := make(chan int), make(chan int)
	send := func(c chan int) {
		for i := 0; i < n/2; i++ {
			c <- i
		}
	}
	go send(a)
	go send(b)
	for i := 0; i < n/2*2; i++ {
		select {
		case <-a:
		case <-b:
		}
	}
}

func select16(n int) {
	var c [16]chan int
	for i := range c {
		c[i] = make(chan int)
		go func(c chan int) {
			for i := 0; i < n/16; i++ {
				c <- i
			}
		}(c[i])
	}
	for i := 0; i < n/16*16; i++ {
		select {
		case <-c[0]:
		case <-c[1]:
		case <-c[2]:
		case <-c[3]:
		case <-c[4]:
		case <-c[5]:
		case <-c[6]:
		case <-c[7]:
		case <-c[8]:
		case <-c[9]:
		case <-c[10]:
		case <-c[11]:
		case <-c[12]:
		case <-c[13]:
		case <-c[14]:
		case <-c[15]:
		}
	}
}

func spawn(n int) {
	var wg sync.WaitGroup
	for i := 0; i < n; i += 100 {
		wg.Add(100)
		for j := 0; j < 100; j++ {
			go func() { wg.Done() }()
		}
		wg.Wait()
	}
}

func mutex(n int) {
	var m sync.Mutex
	var wg sync.WaitGroup
	count := 0
	wg.Add(8)
	for i := 0; i < 8; i++ {
		go func() {
			for j := 0; j < n/8; j++ {
				m.Lock()
				count++
				m.Unlock()
			}
			wg.Done()
		}()
	}
	wg.Wait()
	if count != n/8*8 {
		panic("count")
	}
}

// A tick of one of 1,000 tickers, each every 10 ms; the cost is CPU time, which the caller measures.
func tickers(n int) {
	var wg sync.WaitGroup
	each := n/1000 + 1
	wg.Add(1000)
	for i := 0; i < 1000; i++ {
		go func() {
			t := time.NewTicker(10 * time.Millisecond)
			for j := 0; j < each; j++ {
				<-t.C
			}
			t.Stop()
			wg.Done()
		}()
	}
	wg.Wait()
}

// An operation is a prime found.
func sieve(n int) {
	c := make(chan int)
	stop := make(chan bool)
	go func() {
		for i := 2; ; i++ {
			select {
			case c <- i:
			case <-stop:
				close(c)
				return
			}
		}
	}()
	in := c
	for i := 0; i < n; i++ {
		prime := <-in
		out := make(chan int)
		go func(in, out chan int) {
			for v := range in {
				if v%prime != 0 {
					out <- v
				}
			}
			close(out)
		}(in, out)
		in = out
	}
	close(stop)
	for range in {
	}
}

func main() {
	benches := map[string]bench{
		"pingpong": pingpong, "buffered1": buffered(1), "buffered64": buffered(64), "buffered1024": buffered(1024),
		"fanin1000": fanin, "select2": select2, "select16": select16, "spawn": spawn, "mutex": mutex,
		"tickers": tickers, "sieve": sieve,
	}
	f := benches[os.Args[1]]
	n, _ := strconv.Atoi(os.Args[2])
	start := time.Now()
	f(n)
	fmt.Printf("%s %.1f\n", os.Args[1], float64(time.Since(start).Nanoseconds())/float64(n))
}
