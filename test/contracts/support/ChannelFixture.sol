// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {Fixture} from "./Fixture.sol";

/// @dev A contract account (ERC-1271) whose word is the signature of an owner that can change.
contract Wallet {
    address public owner;

    function setOwner(address owner_) external {
        owner = owner_;
    }

    function isValidSignature(bytes32 hash, bytes calldata sig) external view returns (bytes4) {
        (address signer, , ) = ECDSA.tryRecover(hash, sig);
        return signer == owner ? bytes4(0x1626ba7e) : bytes4(0);
    }
}

/// @dev What a payer of a channel can sign. Types are written out once more, so that a change in the contract shows.
abstract contract ChannelFixture is Fixture {
    uint40 internal constant DEADLINE = 1_700_001_000;

    Wallet internal wallet;

    function setUp() public virtual override {
        super.setUp();
        wallet = new Wallet();
    }

    /// @dev Opens the first epoch of alice's channel with `payee`, signed by her own key.
    function allocation(
        address payee,
        uint128 total
    ) internal view returns (IPaymentChannels.Allocation memory) {
        return IPaymentChannels.Allocation(alice, payee, total, alice, 1, 0, DEADLINE);
    }

    function signedAllocation(IPaymentChannels.Allocation memory a) internal view returns (bytes memory) {
        bytes32 typehash = keccak256(
            "Allocation(address payer,address payee,uint128 total,address signer,uint64 epoch,uint64 nonce,uint40 deadline)"
        );
        return sign(aliceKey, abi.encode(typehash, a));
    }

    function signDeposit(
        uint256 key,
        address from,
        address payer,
        uint128 amount,
        uint64 nonce,
        uint40 deadline
    ) internal view returns (bytes memory) {
        bytes32 typehash = keccak256(
            "Deposit(address from,address payer,uint128 amount,uint64 nonce,uint40 deadline)"
        );
        return sign(key, abi.encode(typehash, from, payer, amount, nonce, deadline));
    }

    function signWithdrawal(
        uint256 key,
        address payer,
        uint128 amount,
        uint64 nonce,
        uint40 deadline
    ) internal view returns (bytes memory) {
        bytes32 typehash = keccak256("Withdrawal(address payer,uint128 amount,uint64 nonce,uint40 deadline)");
        return sign(key, abi.encode(typehash, payer, amount, nonce, deadline));
    }

    function signThaw(
        uint256 key,
        address payer,
        address payee,
        uint64 epoch,
        uint64 nonce,
        uint40 deadline
    ) internal view returns (bytes memory) {
        bytes32 typehash = keccak256(
            "Thaw(address payer,address payee,uint64 epoch,uint64 nonce,uint40 deadline)"
        );
        return sign(key, abi.encode(typehash, payer, payee, epoch, nonce, deadline));
    }

    function signDeallocation(
        uint256 key,
        address payer,
        address payee,
        uint64 epoch,
        uint64 nonce,
        uint40 deadline
    ) internal view returns (bytes memory) {
        bytes32 typehash = keccak256(
            "Deallocation(address payer,address payee,uint64 epoch,uint64 nonce,uint40 deadline)"
        );
        return sign(key, abi.encode(typehash, payer, payee, epoch, nonce, deadline));
    }

    function closeChannel(address payee) internal {
        vm.startPrank(alice);
        channels.thaw(payee);
        skip(CHANNEL_THAW);
        channels.deallocate(payee);
        vm.stopPrank();
    }

    function setNonce(address payer, address payee, uint256 nonce) internal {
        write(payer, payee, 240, 15, nonce);
    }

    function setEpoch(address payer, address payee, uint256 epoch) internal {
        write(payer, payee, 184, 20, epoch);
    }

    /// @dev Puts `value` into the channel's slot.
    function write(address payer, address payee, uint256 shift, uint256 bits, uint256 value) private {
        bytes32 slot = keccak256(abi.encode(payer, keccak256(abi.encode(payee, CHANNELS_SLOT))));
        uint256 mask = ((1 << bits) - 1) << shift;
        uint256 old = uint256(vm.load(address(channels), slot));
        vm.store(address(channels), slot, bytes32((old & ~mask) | (value << shift)));
    }

    /// @dev Where PaymentChannels keeps its channels: after claimable and the purses.
    uint256 private constant CHANNELS_SLOT = 2;

    function sign(uint256 key, bytes memory structData) private view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("Teahouse PaymentChannels"),
                keccak256("1"),
                block.chainid,
                address(channels)
            )
        );
        return signature(key, keccak256(abi.encodePacked(hex"1901", domain, keccak256(structData))));
    }
}
