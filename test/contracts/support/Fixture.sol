// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {PoseidonT2} from "poseidon-solidity/PoseidonT2.sol";
import {Escrow} from "../../../contracts/escrow/Escrow.sol";
import {IMembershipRegistry} from "../../../contracts/interfaces/IMembershipRegistry.sol";
import {IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {MembershipRegistry} from "../../../contracts/membership/MembershipRegistry.sol";
import {PaymentChannels} from "../../../contracts/payments/PaymentChannels.sol";
import {OperatorStaking} from "../../../contracts/staking/OperatorStaking.sol";
import {ServiceRegistry} from "../../../contracts/staking/ServiceRegistry.sol";
import {LocalToken} from "../../../contracts/token/LocalToken.sol";
import {TestBase} from "./TestBase.sol";

/// @dev All contracts with the parameters of a local network, and accounts with money and allowances.
abstract contract Fixture is TestBase {
    uint128 internal constant TEA = 1e6;
    uint128 internal constant MINIMUM_STAKE = 100 * TEA;
    uint40 internal constant STAKE_THAW = 300;
    uint40 internal constant CREDIT_SECONDS = 2_400;
    uint16 internal constant MAXIMUM_CUT = 3_000;
    uint40 internal constant CHANNEL_THAW = 60;
    uint40 internal constant TERM = 3_600;
    uint40 internal constant GRACE = 600;
    uint40 internal constant EXIT_DELAY = 300;
    uint96 internal constant DEPOSIT = 50_000;
    uint96 internal constant FEE = 10_000;
    address internal constant BURNED = 0x000000000000000000000000000000000000dEaD;
    uint256 internal constant WEALTH = 1e15;

    IERC20 internal token;
    OperatorStaking internal staking;
    ServiceRegistry internal services;
    MembershipRegistry internal registry;
    PaymentChannels internal channels;
    Escrow internal escrow;

    address internal alice;
    uint256 internal aliceKey;
    address internal bob;
    uint256 internal bobKey;
    address internal carol;
    uint256 internal carolKey;
    address internal mallory;
    uint256 internal malloryKey;

    function setUp() public virtual {
        vm.warp(1_700_000_000);
        vm.roll(100);
        (alice, aliceKey) = account("alice");
        (bob, bobKey) = account("bob");
        (carol, carolKey) = account("carol");
        (mallory, malloryKey) = account("mallory");
        deploy(IERC20(address(new LocalToken())));
        address[4] memory people = [alice, bob, carol, mallory];
        for (uint256 i = 0; i < people.length; ++i) fund(people[i]);
    }

    function deploy(IERC20 token_) internal {
        token = token_;
        staking = new OperatorStaking(token_, MINIMUM_STAKE, STAKE_THAW, CREDIT_SECONDS, MAXIMUM_CUT);
        services = new ServiceRegistry(staking);
        registry = new MembershipRegistry(token_, staking, params());
        channels = new PaymentChannels(token_, CHANNEL_THAW);
        escrow = new Escrow(token_);
    }

    function params() internal pure returns (IMembershipRegistry.Params memory) {
        return
            IMembershipRegistry.Params({
                epochSeconds: 60,
                rootWindow: 60,
                term: TERM,
                grace: GRACE,
                exitDelay: EXIT_DELAY,
                commitMinBlocks: 2,
                commitMaxAge: 86_400,
                depositPerMessage: DEPOSIT,
                feePerMessage: FEE
            });
    }

    /// @dev Gives `who` money and lets every contract take it.
    function fund(address who) internal {
        LocalToken(address(token)).mint(who, WEALTH);
        address[4] memory spenders = [
            address(staking),
            address(registry),
            address(channels),
            address(escrow)
        ];
        for (uint256 i = 0; i < spenders.length; ++i) {
            vm.prank(who);
            token.approve(spenders[i], type(uint256).max);
        }
    }

    // --- memberships ---

    function commitmentOf(uint256 secret) internal pure returns (uint256) {
        return PoseidonT2.hash([secret]);
    }

    /// @dev `holder` registers itself with home 0 and gets the commitment of `secret`.
    function join(uint256 secret, uint16 limit, address holder) internal returns (uint256 idCommitment) {
        return joinAt(secret, limit, holder, 0);
    }

    function joinAt(
        uint256 secret,
        uint16 limit,
        address holder,
        uint32 home
    ) internal returns (uint256 idCommitment) {
        idCommitment = commitmentOf(secret);
        vm.prank(holder);
        registry.register(idCommitment, limit, holder, home, type(uint256).max);
    }

    function slashCommitment(address slasher, uint256 secret, bytes32 salt) internal view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(registry), slasher, secret, salt));
    }

    /// @dev `slasher` commits and waits until it may reveal.
    function commitAndWait(address slasher, uint256 secret, bytes32 salt) internal {
        bytes32 commitment = slashCommitment(slasher, secret, salt);
        vm.prank(slasher);
        registry.commitSlash(commitment);
        vm.roll(block.number + 2);
        skip(2);
    }

    // --- operators ---

    function operatorWithStake(address owner, address node, address payee) internal returns (uint32 id) {
        vm.startPrank(owner);
        id = staking.createOperator(node, payee, address(registry));
        staking.stake(id, 0, MINIMUM_STAKE);
        vm.stopPrank();
    }

    // --- channels ---

    /// @dev alice deposits and opens a channel to `payee`, signed by her own key.
    function openChannel(address payee, uint128 total) internal {
        vm.startPrank(alice);
        channels.deposit(alice, total);
        channels.allocate(payee, total, alice);
        vm.stopPrank();
    }

    function voucher(
        address payee,
        uint64 epoch,
        uint128 cumulative
    ) internal view returns (IPaymentChannels.Voucher memory) {
        return IPaymentChannels.Voucher(alice, payee, epoch, cumulative);
    }

    function signed(IPaymentChannels.Voucher memory v) internal view returns (bytes memory) {
        return signature(aliceKey, channels.voucherDigest(v));
    }

    // --- deals ---

    /// @dev 100 TEA from alice to bob, carol rules for 5, an app gets 1 %, half and half if she is silent.
    function terms() internal view returns (IEscrow.Terms memory) {
        return
            IEscrow.Terms({
                payer: alice,
                payee: bob,
                arbiter: carol,
                amount: 100 * TEA,
                deliverBy: uint40(block.timestamp) + 1_000,
                disputeWindow: 500,
                rulingWindow: 300,
                defaultToPayee: 5_000,
                arbiterFee: 5 * TEA,
                appFeeRecipient: mallory,
                appFeeBps: 100,
                salt: keccak256("deal")
            });
    }

    function fundDeal(IEscrow.Terms memory t) internal returns (bytes32 id) {
        vm.prank(t.payer);
        return escrow.fund(t);
    }
}
