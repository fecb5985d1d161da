;; before
(module
 (func $f
  (i32.store
   (global.get $data)
   (i32.add
    (i32.load
     (global.get $data)
    )
    (i32.const -4)
   )
  )
  (i32.store
   (global.get $data)
   (i32.add
    (i32.load
     (global.get $data)
    )
    (i32.const 4)
   )
  )
 )
)

;; after
(module
 (func $f
  (i32.store
   (global.get $data)
   (i32.add
    (i32.load
     (global.get $data)
    )
    (i32.const -4)
   )
  )
  (call $port_save
   (i32.const 4)
   (global.get $data)
   (i32.add
    (i32.load
     (global.get $data)
    )
    (i32.const 4)
   )
  )
 )
)

