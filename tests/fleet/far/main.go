// far: an object store that is far away. Passes requests on to a store on loopback, each of them so
// much later as the way takes, however many there are at a time.
//
//	far PORT OF-THE-STORE MILLISECONDS
package main

import (
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"time"
)

func main() {
	if len(os.Args) != 4 {
		log.Fatal("far PORT OF-THE-STORE MILLISECONDS")
	}
	milliseconds, err := strconv.Atoi(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	store, err := url.Parse("http://127.0.0.1:" + os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	onward := httputil.NewSingleHostReverseProxy(store)
	// The default keeps two connections and opens the rest anew each time.
	onward.Transport = &http.Transport{MaxIdleConnsPerHost: 256}
	later := http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		time.Sleep(time.Duration(milliseconds) * time.Millisecond)
		// What is signed is the store's own name.
		request.Host = store.Host
		onward.ServeHTTP(answer, request)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], later))
}
